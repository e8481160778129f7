import type { Observation } from '../../observation.js';
import { type CountedLoad, denseLoads } from '../counted-loads.js';
import { phasesByBatch } from '../phases.js';

/** With fewer executions of a load, or of a size, its speed is not known. */
const LEAST_EXECUTIONS = 10;

/**
 * How many times as long executions of several requests took under a load as such of the same size under dense loads. They are
 * of requests that waited for an execution to end, and so found no instance idle: what makes them longer is no pause.
 * Undefined where there were too few.
 */
export function largerThanDense(
  load: CountedLoad,
  observations: readonly Observation[],
  model: string,
): number | undefined {
  const dense = inferencesBySize(denseLoads(observations, model));
  let [count, us, denseUs] = [0, 0, 0];
  for (const [size, { executions, meanUs }] of inferencesBySize([load])) {
    const usual = dense.get(size);
    if (size === 1 || usual === undefined || usual.executions < LEAST_EXECUTIONS) continue;
    count += executions;
    us += executions * meanUs;
    denseUs += executions * usual.meanUs;
  }
  return count < LEAST_EXECUTIONS ? undefined : us / denseUs;
}

interface Inferences {
  readonly executions: number;
  readonly meanUs: number;
}

function inferencesBySize(loads: readonly CountedLoad[]): ReadonlyMap<number, Inferences> {
  const bySize = new Map<number, Inferences>();
  for (const { batchSize, executions, inferUs } of loads.flatMap(({ counted }) =>
    counted.flatMap(phasesByBatch),
  )) {
    const before = bySize.get(batchSize) ?? { executions: 0, meanUs: 0 };
    const all = before.executions + executions;
    bySize.set(batchSize, {
      executions: all,
      meanUs: (before.executions * before.meanUs + executions * inferUs) / all,
    });
  }
  return bySize;
}
