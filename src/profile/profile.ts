import type { FieldsOf, OWN_EFFECTS, SITUATION_EFFECTS } from '../effects/registry.js';
import type { Serving } from './serving.js';

export type { LinearIdlePenalty } from '../effects/idle/linear-idle-penalty.js';
export type { WarmUpState } from '../effects/idle/warm-up-state.js';
export type { Interference, PairSlowdown } from '../effects/interference/effect.js';
export type { Spread } from '../effects/service-time-variability/effect.js';
export type { SpeedDrift } from '../effects/speed-drift/effect.js';

/** What requests and executions cost besides `service`: the fields of all effects of a model. */
type ModelEffectFields = FieldsOf<typeof OWN_EFFECTS> & FieldsOf<typeof SITUATION_EFFECTS>;

/**
 * What one model costs to run on one kind of device under one server: the content of a profile
 * file (`*.profile.json`). Times are milliseconds or microseconds as the names say.
 */
export interface ModelProfile extends ModelEffectFields {
  readonly format: 'perseus-profile/1';
  /** Model name; a scenario finds the profile by model and device kind. */
  readonly model: string;
  /** Device kind, e.g. `Tesla T4`, `A100-80GB MIG 1g.10gb`, `CPU`. */
  readonly device: string;
  /** Its figures were written to be replaced: nobody measured them. Absent: they are meant. */
  readonly placeholder?: boolean;
  readonly provenance: Provenance;
  /** Solo service time by batch size, ascending in `batchSize`, at least one point. */
  readonly service: readonly ServicePoint[];
  /** Request and response sizes per inference in bytes, used where a trace does not say. */
  readonly payload: { readonly requestBytes: number; readonly responseBytes: number };
  readonly memory: MemoryUse;
  /** Present: a language model in an engine with a batching of its own. `service` is then a decode step, by its sequences. */
  readonly engine?: EngineCost;
  /** How the server around the model behaved; a scenario takes it where it does not say otherwise. */
  readonly serving?: Serving;
  /** Where it was measured; a prediction outside says so. */
  readonly region: Region;
  readonly fit?: FitSummary;
  /** How it fared against measured loads that it was not made from; absent = it was held against none. */
  readonly validation?: ProfileValidation;
}

/** Where the figures of a profile come from, so that a reader can judge whether they fit. */
export interface Provenance {
  /** Where the figures come from: project and commit, or `measured` with host and date. */
  readonly source: string;
  readonly licence: string;
  /** ISO date of measurement or publication; `unknown` where the source does not say. */
  readonly date: string;
  readonly gpu: string;
  readonly driver: string;
  readonly serverVersion: string;
  readonly backend: string;
  readonly precision: string;
  /** What a reader must know about how the figures were obtained. */
  readonly notes: string;
  /** How clients spoke to the server: part of network delay and front end. Absent = not known. */
  readonly protocol?: 'grpc' | 'http';
  /** Absent = tensors were in the requests, or nobody knows. */
  readonly sharedMemory?: 'system';
}

/** Mean phases of one execution of `batchSize` inferences alone on the device. */
export interface ServicePoint {
  readonly batchSize: number;
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
  /**
   * What the whole device works for it: `inferMs` of an execution that fills the device, less of one that leaves a part of
   * it to others. Executions side by side end at that rate at best. Undefined = not known, it counts as filling the device.
   */
  readonly deviceMs?: number;
  /** Standard error of `deviceMs` as a fraction of it: of the measurement, or of the rule that it was derived by. */
  readonly deviceMsError?: number;
  /** Executions behind the point; 0 where the source does not say. */
  readonly executions: number;
  /** Half width of the 95 % interval of the total, as a fraction of it; 0 where unknown. */
  readonly relativeError: number;
}

export interface MemoryUse {
  /** Device memory of the model once per device, in MiB. */
  readonly modelMb: number;
  /** Further device memory of each instance, in MiB. */
  readonly perInstanceMb: number;
  readonly known: boolean;
}

/** What a language model costs its engine besides decode steps. */
export interface EngineCost {
  /** What each token of a prompt adds to the step in which it is read. */
  readonly prefillMsPerToken: number;
  /** Tokens of prompts and answers under way that the KV cache of an instance holds. */
  readonly kvTokens: number;
}

export interface Region {
  readonly batchSizes: readonly number[];
  /** Largest device busy share under which it was measured, 0..1. */
  readonly maxUtilization: number;
  /** Most instances measured side by side on one device. */
  readonly maxInstances: number;
  readonly sharing: readonly string[];
}

export interface FitSummary {
  readonly method: string;
  readonly points: number;
  readonly heldOut: number;
  readonly meanErrorPercent: number;
  readonly maxErrorPercent: number;
  /**
   * Root mean square of the errors with which the profile gives back latencies of open loops that were measured with
   * it, in percent. A validation widens its intervals by it.
   */
  readonly latencyErrorPercent?: LatencyErrors;
}

/** How far throughputs predicted from a profile were off those that somebody measured. */
export interface ProfileValidation {
  /** Where the measured figures come from. */
  readonly source: string;
  /**
   * Device kind that they were measured on, where it is not the profile's: nobody measured such loads there, and the profile of
   * that kind, made in the same way, was held against them.
   */
  readonly device?: string;
  /** Of how many other models they are, where nobody measured such loads of this one: profiles made in the same way. */
  readonly models?: number;
  /** Loads that were predicted. */
  readonly points: number;
  readonly meanErrorPercent: number;
  /** The load that was predicted worst; inferences per second. */
  readonly worst: { readonly load: string; readonly measuredPerS: number; readonly predictedPerS: number };
}

export interface LatencyErrors {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Of the parts of the mean, as the server counts them; absent = unknown. */
  readonly parts?: Readonly<Record<LatencyPart, number>>;
}

/** Outside of the server; in the queue; the phases of the execution, of which the output holds the responses. */
export const LATENCY_PARTS = ['network', 'queue', 'input', 'infer', 'output'] as const;
export type LatencyPart = (typeof LATENCY_PARTS)[number];
