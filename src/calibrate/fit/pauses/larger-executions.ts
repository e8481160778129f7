import { sum } from 'simple-statistics';
import type { Observation } from '../../observation.js';
import { type CountedLoad, denseLoads } from '../counted-loads.js';
import { phasesByBatch } from '../phases.js';

/** With fewer executions of a load, or of a size, its speed is not known. */
const LEAST_EXECUTIONS = 10;

/** Executions of several requests under a load, of one size, and what such take under dense loads. */
export interface LargerExecutions {
  readonly batchSize: number;
  readonly executions: number;
  readonly meanUs: number;
  readonly denseUs: number;
}

/** Of the sizes that dense loads had as well. */
export function largerExecutions(
  load: CountedLoad,
  observations: readonly Observation[],
  model: string,
): LargerExecutions[] {
  const dense = inferencesBySize(denseLoads(observations, model));
  return [...inferencesBySize([load])].flatMap(([batchSize, inferences]) => {
    const usual = dense.get(batchSize);
    if (batchSize === 1 || usual === undefined || usual.executions < LEAST_EXECUTIONS) return [];
    return [{ batchSize, ...inferences, denseUs: usual.meanUs }];
  });
}

/**
 * How many times as long they took as such of the same sizes under dense loads. They are of requests that waited for an execution
 * to end, and so found no instance idle: what makes them longer is no single pause. Undefined where there were too few.
 */
export function timesDense(larger: readonly LargerExecutions[]): number | undefined {
  const count = sum(larger.map(({ executions }) => executions));
  if (count < LEAST_EXECUTIONS) return undefined;
  const took = (of: (each: LargerExecutions) => number) =>
    sum(larger.map((each) => each.executions * of(each)));
  return took(({ meanUs }) => meanUs) / took(({ denseUs }) => denseUs);
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
