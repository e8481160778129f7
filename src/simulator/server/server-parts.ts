import { BatcherThread } from './batcher-thread.js';
import type { BatchingRules } from './batching.js';
import { InstanceThreads } from './instance-threads.js';
import type { ModelQueue } from './model-queue.js';
import { PayloadBuilder } from './payload-builder.js';
import { PayloadSlots } from './payload-slots.js';
import type { PolicyQueue } from './policy-queue.js';
import type { LimitedModel } from './rate-limiter.js';

export interface ModelServerOptions {
  /** Absent: the default scheduler, each request its own payload. */
  readonly rules?: BatchingRules | undefined;
  readonly instances: number;
  readonly batcherWakeNs: number;
  /** The same while the instance for which it last made a payload is waking; absent: as long. */
  readonly batcherAwakeNs?: number;
  /** From the end of an execution until its instance takes the next payload. */
  readonly instancePickUpNs: number;
  /** From a payload being there until an idle instance has it; absent: as `instancePickUpNs`. */
  readonly instanceWakeNs?: number | undefined;
  /** How late a hold for the queue delay ends. Default 0. */
  readonly timerSlackNs?: number | undefined;
  /**
   * Whether, at the end of an execution, the batcher thread runs before the instance takes its next
   * payload although it usually takes longer to wake; asked once per execution. Absent: never.
   */
  readonly batcherWins?: (() => boolean) | undefined;
  /**
   * With a queue policy: its batcher has slept until it looked around unasked (500 ms) although requests and an instance waited;
   * told each time. Absent: nobody asks.
   */
  readonly onLostWakeUp?: (() => void) | undefined;
  /** Requests are pushed by upstream stages while the run goes on, instead of all being known. */
  readonly pushed: boolean;
  /** Needed when priority levels, timeouts or queue limits are configured. */
  readonly policy?: PolicyQueue | undefined;
  /** Says when payloads execute and on which instance; absent: the oldest does as soon as any instance is idle. */
  readonly limiter?: Limiter | undefined;
  /** Its payloads name their instance: no number of them keeps the batcher from making another. Default: any instance may take them. */
  readonly namesInstance?: boolean;
  /** Triton r23.08 to r26.06 lose count of an idle instance at every merge without prefetch (issue #8870). */
  readonly idleCounterDrift?: boolean;
  /** Hold the batcher until so many requests are queued (Triton's TRITONSERVER_DELAY_SCHEDULER). */
  readonly holdUntilQueued?: number;
}

/** How long the threads of a model take to be there, and which of two that wake together is first. */
export type ThreadTimes = Pick<
  ModelServerOptions,
  'batcherWakeNs' | 'instancePickUpNs' | 'instanceWakeNs' | 'timerSlackNs' | 'batcherWins'
>;

/** The rate limiter as a model sees it. */
export type Limiter = Pick<LimitedModel, 'request' | 'release' | 'granted'>;

/** What a model on a server consists of: its requests on their way into batches, and the threads that move them. */
export interface ServerParts {
  readonly queue: ModelQueue;
  readonly builder: PayloadBuilder;
  readonly slots: PayloadSlots;
  readonly batcher: BatcherThread;
  readonly instances: InstanceThreads;
}

/** The parts of one model's server, which know each other by the queue and the slots between them. */
export function serverParts(queue: ModelQueue, options: ModelServerOptions): ServerParts {
  const { rules, policy, instances, batcherWakeNs, instancePickUpNs } = options;
  const { batcherAwakeNs = batcherWakeNs, instanceWakeNs = instancePickUpNs } = options;
  const slots = new PayloadSlots(instances, rules?.prefetch ?? true, options.idleCounterDrift === true);
  // Only payloads in the queue of all instances are counted, and these are elsewhere (`rate_limiter.cc:225-228`).
  if (options.limiter !== undefined || options.namesInstance === true) slots.most = Infinity;
  return {
    queue,
    builder: new PayloadBuilder(queue, policy, rules, instances),
    slots,
    batcher: new BatcherThread(batcherWakeNs, batcherAwakeNs),
    instances: new InstanceThreads(instances, instancePickUpNs, instanceWakeNs),
  };
}
