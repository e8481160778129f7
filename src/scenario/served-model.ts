import type { Immutable } from '../base/immutable.js';
import type { MeasuredNetworkDelay } from '../effects/server-side.js';
import type { ModelProfile } from '../profile/profile.js';
import type { CallStep, Ensemble } from './composition.js';
import type { ModelConfig } from './model-config.js';
import type { ServedModelSpec } from './spec/server-spec.js';

export interface ServedModel {
  readonly config: ModelConfig;
  /** One entry per instance: index into the server's devices, or -1 for an instance on the host CPU. An ensemble has none. */
  readonly instances: readonly ModelInstance[];
  /**
   * TensorRT's two-deep pipeline: the next batch is formed as soon as the inputs of the running one
   * have been copied, at most two batches at once on an instance. Default false.
   */
  readonly pipelined?: boolean;
  /**
   * Of the instances on a device one executes at a time, and the next batch forms when it has ended: TensorRT without
   * eager batching. Default false.
   */
  readonly takesTurns?: boolean;
  /** The way to this model, where it was measured with its profile; absent = that of the server's network. */
  readonly networkDelay?: MeasuredNetworkDelay;
  /** In place of the server's; absent = the server's. */
  readonly batcherWinsShare?: number;
  /**
   * Core time of the host that a request takes besides its execution, its client's included where that is on the same
   * host; absent = unknown, nothing is taken.
   */
  readonly requestCpuUs?: number;
  /** Core time of the host that an execution takes besides what it computes; absent = nothing. */
  readonly executionCpuUs?: number;
  /** Each instance's first execution also pays the profile's `firstInferenceMs`. Default false. */
  readonly coldStart?: boolean;
  /** How long it takes to load; absent = what its profiles say. */
  readonly loadMs?: number;
  /** What it needs while it is loaded, where models are loaded when asked for; absent = what its profiles say. */
  readonly memoryMb?: number;
  /** Present: an ensemble, whose steps are models of the same server. */
  readonly ensemble?: Ensemble;
  /** Present: a decoupled model, with what a request gets after its execution. */
  readonly responses?: ResponseLaw;
  /** Present: a model with iterative sequences, with how often a request is executed. */
  readonly iterations?: IterationLaw;
  /** Present: a language model in an engine that forms its batches itself, step by step. */
  readonly engine?: Engine;
  /** Present: after its own inference an execution calls other models of the same server, and waits for them. */
  readonly calls?: readonly CallStep[];
  /** An instance takes further requests while earlier ones wait for their calls. Default false. */
  readonly overlapping?: boolean;
}

/** How the engine of a language model (vLLM, TensorRT-LLM) forms the batch of each step. */
export interface Engine extends Immutable<NonNullable<ServedModelSpec['engine']>> {
  /** Whether each token is a response of its own. */
  readonly streams: boolean;
}

/** How often a request is executed until it is done; it keeps its slot meanwhile. */
export interface IterationLaw {
  readonly mean: number;
  readonly law: 'constant' | 'geometric';
  /** Each execution gives a response; else the last one gives the only one. */
  readonly streams: boolean;
}

/** The responses to one request of a decoupled model: the instance is free once its execution has ended. */
export interface ResponseLaw {
  /** 0: every request ends without one. */
  readonly mean: number;
  readonly law: 'constant' | 'geometric';
  /** From the end of the execution to the first one; below 0: so long before it. */
  readonly firstUs: number;
  /** From one to the next. */
  readonly gapUs: number;
  /** From the last one, or from where the first would be, to an empty message that ends the request; absent: the last one ends it. */
  readonly endUs?: number;
}

export interface ModelInstance {
  readonly device: number;
  readonly profile: ModelProfile;
  /** What its group says to a rate limiter; absent = nothing. */
  readonly limits?: InstanceLimits;
}

/** What an instance is to a rate limiter. */
export interface InstanceLimits {
  /** What each execution holds of each resource, by its pool: `demandOf` names them. */
  readonly demand: ReadonlyMap<string, number>;
  /** Each execution counts so many times; at least 1. */
  readonly priority: number;
}
