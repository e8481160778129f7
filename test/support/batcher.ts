import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { ModelQueue } from '../../src/simulator/server/model-queue.js';
import { ModelServer } from '../../src/simulator/server/model-server.js';
import { PolicyQueue } from '../../src/simulator/server/policy-queue.js';

/** One batching case: what arrives, the rules, and constants of the server. Times are nanoseconds. */
export interface BatcherCase {
  readonly maxBatchSize: number;
  readonly preferred: readonly number[] | null;
  readonly delayNs: number;
  readonly instances: number;
  readonly fixedNs: number;
  readonly itemNs: number;
  readonly prefetch: boolean;
  readonly enforceEqualShape: boolean;
  readonly wakeNs: number;
  readonly pickUpNs: number;
  readonly holdUntilQueued?: number;
  /** [arrival, inferences, shape] */
  readonly requests: readonly (readonly [number, number, number])[];
}

/** [start, inferences, requests] of every execution, by start. */
export type Executions = [number, number, number][];

/**
 * Runs a case on the model server alone, until every request has been answered; where asked for, its requests wait in a
 * queue whose policy refuses nobody.
 */
export function runBatcher(spec: BatcherCase, hasPolicy = false): Executions {
  const { requests } = spec;
  const unit = requests.every(([, size]) => size === 1);
  const queue = new ModelQueue({
    queuedNs: Float64Array.from(requests, ([atNs]) => atNs),
    sizes: unit ? undefined : Uint16Array.from(requests, ([, size]) => size),
    shapes: spec.enforceEqualShape ? Uint16Array.from(requests, ([, , shape]) => shape) : undefined,
  });
  const preferred = spec.preferred ?? [spec.maxBatchSize];
  const executions: Executions = [];
  let answered = 0;
  const server = new ModelServer(
    queue,
    {
      start(_instance, from, to, batch, nowNs) {
        executions.push([nowNs, batch, to - from]);
        answered += to - from;
        return nowNs + spec.fixedNs + spec.itemNs * batch;
      },
    },
    {
      rules: {
        maxBatchSize: spec.maxBatchSize,
        preferred,
        maxPreferred: preferred[preferred.length - 1]!,
        delayNs: spec.delayNs,
        enforceEqualShape: spec.enforceEqualShape,
        wokenByAll: spec.enforceEqualShape,
        prefetch: spec.prefetch,
      },
      instances: spec.instances,
      batcherWakeNs: spec.wakeNs,
      instancePickUpNs: spec.pickUpNs,
      pushed: false,
      policy: hasPolicy ? neverActing(queue) : undefined,
      // The reference counts idle instances as Triton r23.08 to r26.06 does.
      idleCounterDrift: true,
      holdUntilQueued: spec.holdUntilQueued ?? 0,
    },
  );
  for (let steps = 0; answered < requests.length && server.nextNs < 1e13 && steps < 1e6; steps++)
    server.step();
  return byStart(executions);
}

function neverActing(queue: ModelQueue): PolicyQueue {
  return new PolicyQueue(queue, {
    levels: [NO_QUEUE_POLICY],
    defaultLevel: 1,
    onDrop: (position) => {
      throw new Error(`request ${position} was refused`);
    },
  });
}

export function byStart(executions: Executions): Executions {
  return executions.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
}
