import type { Warning } from '../base/warning.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Machine } from '../scenario/scenario.js';
import type { ServedModelSpec } from '../scenario/spec/server-spec.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import type { Trace } from '../trace/trace.js';
import type { LeastLoad, TenantCount } from './bound/least-load.js';
import type { RequestFlow, RequestSize } from './host-side.js';
import type { Placement, ServingOption, Slot, SlotKind } from './placement.js';
import type { PlanSpec } from './spec.js';

/** A kind of machine with its price and the ways to divide its GPUs. */
export interface MachineKind {
  readonly name: string;
  readonly gpus: number;
  readonly limit: number;
  readonly machine: Machine;
  /** Indices into the slot kinds: whole GPUs in the ways they may be shared. */
  readonly wholeSlots: readonly number[];
  /** Full MIG layouts, each as indices into the slot kinds. */
  readonly layouts: readonly (readonly number[])[];
  /** Threads of each Triton server that take requests in. */
  readonly frontEndThreads: number;
  /** Host cores of a machine; Infinity = the host never limits. */
  readonly cpuCores: number;
  readonly network: MachineNetwork;
}

/** Between clients and a machine. */
export interface MachineNetwork {
  /** One way; absent where the plan does not say: then what the profiles measured. */
  readonly requestDelayUs?: number;
  readonly responseDelayUs?: number;
  /** Shared by all that is under way to or from the machine; Infinity = no limit. */
  readonly requestBytesPerS: number;
  readonly responseBytesPerS: number;
}

/** A model as a server of the placement serves it. */
export interface ServedPart {
  readonly model: string;
  /** By slot kind; undefined where there is no profile. */
  readonly profiles: readonly (ModelProfile | undefined)[];
  /** Its tensors have no batch dimension: it is served with `max_batch_size: 0`, whatever batch an option has. */
  readonly isUnbatched?: boolean;
  /** What its `config.pbtxt` says; the plan decides batches, delays and instances. */
  readonly fields?: ModelConfigFields;
  /** MiB that it takes of a device, where the plan says so and not its profile. */
  readonly memoryMb?: number;
  /** The largest batch that it may be served with; absent = any. */
  readonly mostBatch?: number;
  readonly calls?: NonNullable<ServedModelSpec['calls']>;
  /** Its instances go on with others while some wait for their calls. Default false. */
  readonly overlapping?: boolean;
  /** Instances that it has at least: one that calls others is busy while it waits, and more on a host's cores cost nothing. Default 1. */
  readonly leastInstances?: number;
  /** Its work beside that of the busiest of the models that stay together, 0..1: it has such a share of the instances. Default 1. */
  readonly workShare?: number;
  /** What a request gets of it, where it is decoupled. */
  readonly responses?: NonNullable<ServedModelSpec['responses']>;
  /** How often a request to it is executed, where its sequences are iterative. */
  readonly iterations?: NonNullable<ServedModelSpec['iterations']>;
  /** The engine that forms its batches, where Triton does not: it is one instance. */
  readonly engine?: NonNullable<ServedModelSpec['engine']>;
  /** Sequences that an instance holds: as many as its batch has places, or so many. Absent: it takes none. */
  readonly slots?: number | 'batch';
  /** How many times as long it takes for what stands in no profile. Default 1. */
  readonly times?: number;
}

/** A model that tenants of a workload ask for. */
export interface Entry {
  readonly model: string;
  /** Of the inferences, and of the requests, that must be done of the workload, the least share that are its own on any day, 0..1. */
  readonly inferenceShare: number;
  readonly requestShare: number;
}

/**
 * All tenants of one model, with those that it calls or that are its steps: they are served together. So are models of tenants that
 * have any of these in common.
 */
export interface Workload extends ServedPart {
  /** The models that its tenants ask for, where they are several. */
  readonly entries?: readonly Entry[];
  /** Indices into the tenants of the plan. */
  readonly tenants: readonly number[];
  /** Inferences in the largest of their requests, on any day: no smaller batch holds it. */
  readonly largestRequest: number;
  /** Most sequences of its tenants that are under way at once, on any day; absent: it takes none. */
  readonly sequencesInFlight?: number;
  /** Inferences in the largest call between its models that says how many it has; absent: none does. */
  readonly largestCall?: number;
  /** Inferences per second of all of them, mean of the run. */
  readonly ratePerS: number;
  /** The tightest of their limits, Infinity without one. */
  readonly limitMs: number;
  /**
   * The models that execute, where others do besides it or in its place: steps of an ensemble and models that are called, all on
   * one server. Its own profiles then have their times one after the other.
   */
  readonly parts?: readonly ServedPart[];
  /** Ensembles among what is asked for and the steps, with their configurations. */
  readonly ensembles?: readonly { readonly model: string; readonly fields: ModelConfigFields }[];
  /** Bytes of one inference where its tenants do not say, in whichever profile has fewest. */
  readonly payload: RequestSize;
  /** Its requests and their bytes per second, mean of the run. */
  readonly flow: RequestFlow;
  /** Milliseconds of a request that are no part of an execution and its wait, by slot kind. */
  readonly outsideMs: readonly number[];
  /** By day: how much must be done within the run. */
  readonly counts: readonly LeastLoad<TenantCount>[];
}

/** The models that execute what is asked of a workload. */
export function partsOf(workload: ServedPart & Pick<Workload, 'parts'>): readonly ServedPart[] {
  return workload.parts ?? [workload];
}

/** The profiles of all models on slots, as often as these serve one. */
export function profilesOn({ workloads }: Pick<PlanProblem, 'workloads'>, slots: readonly Slot[]) {
  return slots.flatMap(({ kind, modelReplicas }): readonly ModelProfile[] =>
    modelReplicas.flatMap(({ workload }) =>
      partsOf(workloads[workload]!).flatMap(({ profiles }) => profiles[kind] ?? []),
    ),
  );
}

/** The arrivals of one day, by tenant of the plan. */
export interface Day {
  readonly name: string;
  readonly traces: readonly Trace[];
}

/** A plan's question with everything looked up. */
export interface PlanProblem {
  readonly spec: PlanSpec;
  readonly warmUpS: number;
  readonly machines: readonly MachineKind[];
  readonly slotKinds: readonly SlotKind[];
  readonly workloads: readonly Workload[];
  readonly options: readonly ServingOption[];
  /** All profiles are as slow as their errors allow. */
  readonly isSure: boolean;
  /** The day given first; a placement must do for all of them. */
  readonly days: readonly Day[];
  /** The placement as it is now, where the plan names one. */
  readonly current?: Placement;
  /** Of the loads as they were read: what is left out of a trace, say. No simulation of a placement can tell. */
  readonly loadWarnings: readonly Warning[];
}

/** A plan as far as it is known before its workloads are. */
export type PlanSetting = Omit<PlanProblem, 'workloads' | 'options' | 'current'>;
