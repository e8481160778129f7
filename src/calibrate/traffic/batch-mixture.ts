import { bisect } from '../../base/bisect.js';

/** Mean number of requests in the executions of an interval, as two kinds of average. */
export interface BatchMixture {
  /** Over executions: what the counters say. */
  readonly perExecution: number;
  /** Over requests: larger batches hold more requests, so they weigh more. What mean durations go with. */
  readonly perRequest: number;
}

/**
 * Counters of durations add the time of a batch once for each request in it, so their mean belongs to
 * the batch of a mean request, which is larger than the mean batch: E[k²] / E[k] against E[k]. Counters
 * do not say by how much. Requests that come at random while an execution runs are Poisson in number,
 * so the batches are taken as a Poisson number that is at least 1, for which E[k²] / E[k] = 1 + μ and
 * E[k] = μ / (1 - exp(-μ)), and no more than `most`.
 *
 * A large batch takes longer, so the next one is large as well: with an `elasticity` e (growth of the
 * service time in percent per percent of the batch) the variance is that of an autoregression, 1 / (1 - e²)
 * times as large.
 */
export function batchMixture(
  perExecution: number,
  { most = Number.POSITIVE_INFINITY, elasticity = 0 }: MixtureOptions = {},
): BatchMixture {
  if (!(perExecution > 1)) return { perExecution, perRequest: Math.max(1, perExecution) };
  const poisson = 1 + poissonMean(perExecution) - perExecution;
  const excess = poisson / (1 - Math.min(elasticity, MOST_ELASTICITY) ** 2);
  // The largest size bounds both averages; a mean near it leaves no room for a spread.
  return { perExecution, perRequest: perExecution + Math.min(excess, spreadRoom(perExecution, most)) };
}

export interface MixtureOptions {
  /** Largest number of requests in an execution. */
  readonly most?: number;
  readonly elasticity?: number;
}

/** Nearer to 1 the queue never empties, and batches are as large as they may be. */
const MOST_ELASTICITY = 0.95;

/** E[k²] / E[k] - E[k] is largest where all batches are 1 or `most`: (most - mean) (mean - 1) / mean. */
function spreadRoom(mean: number, most: number): number {
  return (Math.max(0, most - mean) * (mean - 1)) / mean;
}

/** The μ of a Poisson number, given that it is at least 1 and has this mean. */
function poissonMean(mean: number): number {
  return bisect(0, mean, (number) => number / -Math.expm1(-number) < mean);
}
