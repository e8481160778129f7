import type { EagerStart } from './eager-start.js';
import { leastCover } from './least-cover.js';
import type { TenantLoad } from './least-load.js';

export interface Timed extends TenantLoad {
  /** From its planned arrival until a request reaches the queue at the server. */
  readonly beforeUs: number;
  /** What reaches the server later after one of its requests is never in one execution with it. */
  readonly windowUs: number;
  /** From the queue until its execution must have ended. */
  readonly limitUs: number;
}

export interface FewestOptions {
  readonly maxBatchSize: number;
  /** Where it is known that idle instances do not wait for more requests. */
  readonly eager?: EagerStart | undefined;
  /** So many there are in any case. */
  readonly known: number;
}

/**
 * Executions that there are at least. A request that waits for long may join one that is due earlier, so
 * that for each window only the tenants that have no longer one are counted.
 */
export function fewestExecutions(
  tenants: readonly Timed[],
  { maxBatchSize, eager, known }: FewestOptions,
): number {
  const windows = [...new Set(tenants.map(({ windowUs }) => windowUs))];
  return windows.reduce((most, windowUs) => {
    const hurried = tenants.filter((tenant) => tenant.windowUs <= windowUs);
    const arrivals = mergedArrivals(hurried);
    const leftOut = hurried.reduce((sum, tenant) => sum + tenant.leftOut, 0);
    const smallest = Math.min(...hurried.map((tenant) => tenant.smallest));
    const mostInside = Math.max(1, Math.floor(maxBatchSize / smallest));
    // What is left out may have been all of an execution each; or is one of many in a window.
    const least = Math.max(most, greedyWindows(arrivals, windowUs, mostInside) - leftOut);
    // Of windows apart there are no more than this.
    const mostApart = (us: number) => ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / us + 1;
    const mayRise = leftOut > 0 && mostApart(windowUs) > least;
    const alone = mayRise ? leastCover(arrivals, leftOut, [{ us: windowUs, executions: 1 }]) : 0;
    const limitUs = Math.max(...hurried.map((tenant) => tenant.limitUs));
    const mayPair = eager !== undefined && limitUs < Infinity && 2 * mostApart(limitUs) > least;
    const paired = mayPair ? fewestInPairs(arrivals, limitUs, leftOut, eager) : 0;
    return Math.max(least, alone, paired);
  }, known);
}

/** When requests reach the server, ascending. */
function mergedArrivals(tenants: readonly Timed[]): Float64Array {
  const all = new Float64Array(tenants.reduce((sum, { arrivalsUs }) => sum + arrivalsUs.length, 0));
  let next = 0;
  for (const { arrivalsUs, beforeUs } of tenants) {
    for (const us of arrivalsUs) all[next++] = us + beforeUs;
  }
  return all.sort();
}

/** Windows of that length, each opened by an arrival, that hold all arrivals: the fewest there can be. */
function greedyWindows(arrivals: Float64Array, windowUs: number, mostInside: number): number {
  let executions = 0;
  let openedUs = -Infinity;
  let inside = 0;
  for (const us of arrivals) {
    if (us - openedUs > windowUs || inside === mostInside) {
      executions++;
      openedUs = us;
      inside = 0;
    }
    inside++;
  }
  return executions;
}

/**
 * Executions where idle instances do not wait for more requests. Each execution then begins either with its first
 * request, and has hardly any beside that, or with the end of the one before it on its instance. Of two that follow one
 * another so, all requests have come when the second begins; that is when the first of the two has ended, so that no
 * request of either is due before it: what is in time of both is in one window, as long as the limit. A row of executions
 * that follow one another so is cut into pairs, from its end; what may be left is its first, with those that come close
 * together.
 */
function fewestInPairs(
  arrivals: Float64Array,
  limitUs: number,
  leftOut: number,
  { turnUs, closeUs, mostClose }: EagerStart,
): number {
  const pair = { us: limitUs + turnUs, executions: 2 };
  if (mostClose < Infinity) return leastCover(arrivals, leftOut, [pair], 1 / mostClose);
  return leastCover(arrivals, leftOut, [pair, { us: closeUs, executions: 1 }]);
}
