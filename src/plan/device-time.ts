import type { ModelProfile } from '../profile/profile.js';
import type { Trace } from '../trace/trace.js';
import { executionMs } from './screen.js';

/** What is asked of a model: its arrivals, and the limit that most of them must keep. */
export interface TimedDemand {
  readonly traces: readonly Trace[];
  readonly durationS: number;
  readonly limitMs: number;
  /** Share of the requests that must keep it, 0..1. */
  readonly keptShare: number;
  readonly maxBatchSize: number;
}

/**
 * The least device time, in seconds per second, that any schedule on any number of devices needs for a
 * model: requests of one execution have arrived within the limit less the shortest execution, so that
 * no schedule needs fewer executions than the greedy windows over all arrivals; with the mean batch
 * that follows, no inference takes less than the best of the smaller batches does. Requests that may
 * be late are left out altogether.
 */
export function leastDeviceTime(profile: ModelProfile, demand: TimedDemand): number {
  const { traces, durationS, limitMs, keptShare, maxBatchSize } = demand;
  const arrivals = mergedArrivals(traces);
  const inferences = traces.reduce((sum, trace) => sum + inferencesOf(trace), 0);
  if (arrivals.length === 0) return 0;
  const windowUs = Math.max(0, limitMs - executionMs(profile, 1)) * 1000;
  const executions = fewestExecutions(arrivals, windowUs, maxBatchSize);
  const meanBatch = Math.min(maxBatchSize, Math.max(1, inferences / executions));
  return (keptShare * inferences * bestMsPerInference(profile, meanBatch)) / 1000 / durationS;
}

function inferencesOf({ arrivalUs, batchSize }: Trace): number {
  return batchSize === undefined ? arrivalUs.length : batchSize.reduce((sum, size) => sum + size, 0);
}

function mergedArrivals(traces: readonly Trace[]): Float64Array {
  const all = new Float64Array(traces.reduce((sum, trace) => sum + trace.arrivalUs.length, 0));
  let next = 0;
  for (const { arrivalUs } of traces) for (const us of arrivalUs) all[next++] = us;
  return all.sort();
}

/** Windows of that length, each opened by an arrival, that hold all arrivals: the fewest there can be. */
function fewestExecutions(arrivals: Float64Array, windowUs: number, maxBatchSize: number): number {
  let executions = 0;
  let openedUs = -Infinity;
  let inside = 0;
  for (const us of arrivals) {
    if (us - openedUs > windowUs || inside === maxBatchSize) {
      executions++;
      openedUs = us;
      inside = 0;
    }
    inside++;
  }
  return executions;
}

/**
 * Least time per inference when the mean batch is at most `meanBatch`: the lowest line from the origin
 * of batch sizes under the measured times, at that batch.
 */
function bestMsPerInference(profile: ModelProfile, meanBatch: number): number {
  const largest = profile.service.at(-1)!.batchSize;
  const sizes = [
    1,
    ...profile.service.map(({ batchSize }) => batchSize),
    meanBatch,
    Math.max(meanBatch, largest),
  ];
  // The chord between two sizes around the mean can lie below the times between them.
  let best = Infinity;
  for (const low of sizes.filter((size) => size <= meanBatch)) {
    for (const high of sizes.filter((size) => size >= meanBatch)) {
      const part = high === low ? 0 : (meanBatch - low) / (high - low);
      const ms = (1 - part) * executionMs(profile, low) + part * executionMs(profile, high);
      best = Math.min(best, ms / meanBatch);
    }
    best = Math.min(best, executionMs(profile, low) / low);
  }
  return best;
}
