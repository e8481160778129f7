/**
 * The part of Triton's model configuration (`config.pbtxt`) that decides scheduling, with Triton's
 * own defaults filled in. Field names are Triton's in camel case.
 */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  /** 0: the tensors have no batch dimension and every request executes alone. */
  readonly maxBatchSize: number;
  readonly inputs: readonly TensorConfig[];
  readonly outputs: readonly TensorConfig[];
  readonly instanceGroups: readonly InstanceGroup[];
  /** Absent: the default scheduler, which runs each request as it came. */
  readonly dynamicBatching?: DynamicBatching;
  /** Whether a request may have several responses, or come back before they are there; absent = no. */
  readonly decoupled?: boolean;
  /** Absent: its requests belong to no sequences. */
  readonly sequences?: SequenceBatching;
  /** `optimization.eager_batching`: the next batch forms before the instance is ready for it. Absent: no. */
  readonly eagerBatching?: boolean;
  /** `model_warmup`: its first executions are over before it is ready. Absent: no. */
  readonly isWarmedUp?: true;
  /** Whether answers are kept in the server's response cache; absent = no. */
  readonly responseCache?: boolean;
  /** Present: it executes nothing itself and hands each request on to its steps. */
  readonly ensemble?: EnsembleConfig;
}

interface SequenceSettings {
  /** Each request is a sequence of its own, and is executed until its backend does not reschedule it; absent: no. */
  readonly isIterative?: true;
  /** A sequence that has sent nothing for so long loses its slot. */
  readonly maxSequenceIdleUs: number;
  /** Sequences that an instance serves at once. */
  readonly slots: number;
  readonly maxQueueDelayUs: number;
}

/** `sequence_batching` of a config.pbtxt, defaults filled in. */
export type SequenceBatching =
  /** Each slot is a place of the batch. */
  | (SequenceSettings & { readonly kind: 'direct'; readonly minSlotUtilization: number })
  /** The oldest requests of all sequences make batches. */
  | (SequenceSettings & { readonly kind: 'oldest'; readonly preferredBatchSizes: readonly number[] });

/** `ensemble_scheduling` of a config.pbtxt. */
export interface EnsembleConfig {
  readonly steps: readonly {
    readonly model: string;
    /** `model_version`; absent: the latest. */
    readonly version?: number;
    /** The ensemble's tensor of each input of the step's model. */
    readonly inputs: ReadonlyMap<string, string>;
    /** The ensemble's tensor of each of its outputs that something is done with. */
    readonly outputs: ReadonlyMap<string, string>;
  }[];
  /** `max_inflight_requests`; absent: no limit. */
  readonly maxInFlight?: number;
}

export interface TensorConfig {
  readonly name: string;
  readonly dataType: string;
  /** Without the batch dimension; -1 = variable. */
  readonly dims: readonly number[];
  /** Inputs that may differ in shape within one batch. */
  readonly allowRaggedBatch: boolean;
  readonly optional: boolean;
  /** Its values are a shape: those of all requests of a batch must be equal. Absent: no. */
  readonly isShapeTensor?: boolean;
}

export type InstanceKind = 'KIND_AUTO' | 'KIND_GPU' | 'KIND_CPU' | 'KIND_MODEL';

/** `count` instances on each of `gpus`; for KIND_CPU `count` instances on the host. */
export interface InstanceGroup {
  readonly name: string;
  readonly kind: InstanceKind;
  readonly count: number;
  /** Indices into the server's devices; empty = every visible GPU. */
  readonly gpus: readonly number[];
  readonly passive: boolean;
  /** Looked at by servers whose rate limiter is on; absent = it takes no resources and has priority 1. */
  readonly rateLimiter?: GroupLimits;
}

/** `rate_limiter` of an instance group. */
export interface GroupLimits {
  /** What each execution of its instances holds. */
  readonly resources: readonly {
    readonly name: string;
    readonly count: number;
    /** Whether the server has one pool of it, and not one for each device. */
    readonly global: boolean;
  }[];
  /** Each execution counts so many times: instances of a larger number are served less. At least 1. */
  readonly priority: number;
}

/** `dynamic_batching` of a config.pbtxt, defaults filled in. */
export interface DynamicBatching {
  /**
   * Ascending, each 1..maxBatchSize. Empty in the file means {maxBatchSize}, filled in here; without a batch dimension it stays
   * empty.
   */
  readonly preferredBatchSizes: readonly number[];
  readonly maxQueueDelayUs: number;
  readonly preserveOrdering: boolean;
  /** Number of priority levels, 0 = none. Level 1 is served first. */
  readonly priorityLevels: number;
  readonly defaultPriorityLevel: number;
  readonly defaultQueuePolicy: QueuePolicy;
  /** Policies of single levels, by level; others have the default policy. */
  readonly priorityQueuePolicy: ReadonlyMap<number, QueuePolicy>;
}

/** `ModelQueuePolicy` of a config.pbtxt, defaults filled in. */
export interface QueuePolicy {
  readonly timeoutAction: 'REJECT' | 'DELAY';
  /** 0 = none. */
  readonly defaultTimeoutUs: number;
  readonly allowTimeoutOverride: boolean;
  /** Most requests waiting in one level; 0 = no limit. */
  readonly maxQueueSize: number;
}

/** A policy that never rejects: Triton's default. */
export const NO_QUEUE_POLICY: QueuePolicy = {
  timeoutAction: 'REJECT',
  defaultTimeoutUs: 0,
  allowTimeoutOverride: false,
  maxQueueSize: 0,
};

/** Triton's defaults, but for the preferred sizes, which go by the largest batch: none. */
export const PLAIN_BATCHING: DynamicBatching = {
  preferredBatchSizes: [],
  maxQueueDelayUs: 0,
  preserveOrdering: false,
  priorityLevels: 0,
  defaultPriorityLevel: 0,
  defaultQueuePolicy: NO_QUEUE_POLICY,
  priorityQueuePolicy: new Map(),
};

/** Of the level in which requests of a priority wait, 0 = the default one; undefined for the default scheduler. */
export function queuePolicyOf(
  { dynamicBatching: batching }: Pick<ModelConfig, 'dynamicBatching'>,
  priority: number,
): QueuePolicy | undefined {
  return (
    batching?.priorityQueuePolicy.get(priority || batching.defaultPriorityLevel) ??
    batching?.defaultQueuePolicy
  );
}

/** Whether payloads are committed ahead of execution: true while no queue policy of any kind is set. */
export function isPrefetching(config: ModelConfig): boolean {
  return (
    !config.dynamicBatching?.priorityLevels &&
    queuePoliciesOf(config).every(
      (policy) => policy.defaultTimeoutUs === 0 && !policy.allowTimeoutOverride && policy.maxQueueSize === 0,
    )
  );
}

/** Of all levels; none for the default scheduler. */
export function queuePoliciesOf({
  dynamicBatching: batching,
}: Pick<ModelConfig, 'dynamicBatching'>): QueuePolicy[] {
  return batching ? [batching.defaultQueuePolicy, ...batching.priorityQueuePolicy.values()] : [];
}

/** Instances that serve, on all devices named; a group without a device list counts once. */
export function servingInstances({ instanceGroups }: Pick<ModelConfig, 'instanceGroups'>): number {
  return instanceGroups
    .filter(({ passive }) => !passive)
    .reduce((sum, { count, gpus }) => sum + count * Math.max(1, gpus.length), 0);
}

/**
 * Whose executions the TensorRT backend issues: by one thread for each model and device, which waits until the next can begin
 * (tensorrt_backend `tensorrt.cc`, `ModelInstanceExecute`). With eager batching the next batch forms before that.
 */
export function isTensorRt({ platform, backend }: Pick<ModelConfig, 'platform' | 'backend'>): boolean {
  return platform === 'tensorrt_plan' || backend === 'tensorrt';
}
