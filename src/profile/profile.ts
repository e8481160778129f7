import type { Serving } from './serving.js';

/**
 * What one model costs to run on one kind of device under one server: the content of a profile
 * file (`*.profile.json`). Times are milliseconds or microseconds as the names say.
 */
export interface ModelProfile {
  readonly format: 'perseus-profile/1';
  /** Model name; a scenario finds the profile by model and device kind. */
  readonly model: string;
  /** Device kind, e.g. `Tesla T4`, `A100-80GB MIG 1g.10gb`, `CPU`. */
  readonly device: string;
  readonly provenance: Provenance;
  /** Solo service time by batch size, ascending in `batchSize`, at least one point. */
  readonly service: readonly ServicePoint[];
  /**
   * What each further request of an execution adds to gathering its inputs: `service` is measured with one request that
   * holds the whole batch. Absent: nothing.
   */
  readonly perRequest?: { readonly inputUs: number };
  /** Spread of one execution's service time around its mean; fitted, not assumed. */
  readonly spread: Spread;
  /** How the machine's speed comes and goes meanwhile; absent = not at all. */
  readonly speedDrift?: SpeedDrift;
  /** Response building and sending on the instance thread, after the compute phases. */
  readonly response: {
    readonly fixedUs: number;
    readonly perRequestUs: number;
    readonly perKilobyteUs: number;
    /** After them, for each request of the execution: it is counted and given back before the instance asks for the next one; absent = nothing. */
    readonly releaseUs?: number;
  };
  /** Cost in a front-end handler thread, before the queue. */
  readonly frontEnd: {
    readonly perRequestUs: number;
    readonly perKilobyteUs: number;
    /** Coefficient of variation of one request's cost (lognormal); absent = none. */
    readonly cv?: number;
  };
  /** What an execution takes longer after the instance was idle; absent = nothing. */
  readonly linearIdlePenalty?: AfterIdle;
  /** The same by doublings of the idle time; absent = nothing. */
  readonly logIdlePenalty?: LogIdlePenalty;
  /** The same by the share of the last tens of milliseconds in which it executed; absent = nothing. */
  readonly warmUpState?: WarmUpState;
  /** Host cores kept busy during each phase while it runs at full speed. 0 = none. */
  readonly hostCores: {
    readonly input: number;
    readonly infer: number;
    readonly output: number;
    readonly response: number;
  };
  /** Request and response sizes per inference in bytes, used where a trace does not say. */
  readonly payload: { readonly requestBytes: number; readonly responseBytes: number };
  readonly memory: MemoryUse;
  readonly load: { readonly loadMs: number; readonly unloadMs: number; readonly firstInferenceMs: number };
  readonly interference: Interference;
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

/** How single executions vary around their mean. */
export type Spread =
  | { readonly law: 'none' }
  | { readonly law: 'lognormal' | 'gamma'; readonly cv: number }
  /** Ratios to the mean at equally spaced probabilities (i + 0.5) / n, ascending, mean 1. */
  | { readonly law: 'empirical'; readonly ratios: readonly number[] };

/**
 * What computes on a shared machine is longer for a while, and shorter for a while: inferences that begin at about the same time by
 * about the same factor, of mean 1 (lognormal with this coefficient of variation), which forgets itself by
 * `exp(-t / timeConstantMs)`. All models on one device, or on the host's cores, have its ups and downs together. (Measured, six runs of
 * three networks on two cores: latencies of requests that met no other one correlate, 20 to 50 ms apart, by 0.33 within a network and by
 * 0.36 between networks; 100 to 200 ms apart by 0.24 and 0.20; 1 to 2 s apart by 0.03 and 0.01.) A queue that meets a slow time grows
 * as it would not by executions that are longer one here and one there.
 */
export interface SpeedDrift {
  readonly cv: number;
  readonly timeConstantMs: number;
}

/**
 * Slower start after a pause (clocks ramp down, caches go cold): the inference phase takes
 * `msPerIdleMs` longer for each millisecond of idling beyond `freeMs`, counted up to `maxIdleMs`.
 */
export interface AfterIdle {
  readonly freeMs: number;
  readonly msPerIdleMs: number;
  readonly maxIdleMs: number;
}

/**
 * How much slower an instance computes that has executed little lately: a core's clock follows the share of the last tens of
 * milliseconds in which it was busy. An instance grows cold while it idles and warm while it executes, both by
 * `exp(-t / timeConstantMs)`; its speed falls with a power of that, down to `coldSpeed` of a warm one's. Instances of a model on
 * one device, or on the host's cores, keep each other warm (measured: two instances of a network on two cores).
 */
export interface WarmUpState {
  readonly timeConstantMs: number;
  readonly coldSpeed: number;
  /** 1 = in proportion; the higher, the colder an instance has to be before it is slower. Absent = 1. */
  readonly power?: number;
}

/**
 * What an execution takes longer the longer its instance was idle: others take its place in caches, cores go to sleep
 * ever deeper. `log2(1 + idle / fromMs)` doublings, of an idle time up to `maxIdleMs`, each of which lengthens the inference by so much.
 */
export interface LogIdlePenalty {
  readonly fromMs: number;
  readonly maxIdleMs: number;
  readonly inferMsPerDoubling: number;
}

export interface MemoryUse {
  /** Device memory of the model once per device, in MiB. */
  readonly modelMb: number;
  /** Further device memory of each instance, in MiB. */
  readonly perInstanceMb: number;
  readonly known: boolean;
}

/**
 * What co-runners on the same device cost: while another execution runs beside this model's, its
 * own takes `slowdown` times as long (1 = nothing, 2 = fair halves). `pairs` is measured; for a
 * model not listed, `sensitivity` of this model times `pressure` of the other is added to 1.
 */
export interface Interference {
  /** Slowdown beside another instance of the same model; undefined = not measured. */
  readonly self?: number;
  /**
   * How many times as long an execution takes as its share of the host's cores says, where twice as many compute as
   * there are cores; undefined = not measured, nothing is added.
   */
  readonly crowding?: number;
  /** Models whose executions never run beside this one's: they hold a lock, and take turns in order of arrival. */
  readonly mutuallyExclusiveWith?: readonly string[];
  readonly pairs: readonly PairSlowdown[];
  readonly sensitivity?: number;
  readonly pressure?: number;
}

/** Beside one execution of another model. */
export interface PairSlowdown {
  readonly model: string;
  readonly slowdown: number;
  /**
   * The same while this model never idles, because all its clients send as soon as they have their answer: its thread
   * keeps its core and what is in the caches of it. Absent = as always.
   */
  readonly closedLoopSlowdown?: number;
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
