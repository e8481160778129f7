import type { ModelProfile } from '../profile/profile.js';
import { SPREAD_LAWS } from '../profile/spread-laws.js';
import type { LeastLoad, TenantLoad } from './least-load.js';
import { executionMs, inferMs, shortestMs } from './screen.js';

/** Seconds per second. */
export interface DeviceTime {
  /** On the device itself: inference, which models that share a device take from each other. */
  readonly inferS: number;
  /** On instances' threads: copies and inference, which one instance does one after the other. */
  readonly instanceS: number;
}

const NOWHERE: DeviceTime = { inferS: Infinity, instanceS: Infinity };

/**
 * The least time that any schedule on any number of devices needs for a model: the requests of one
 * execution have arrived within the limit less the shortest execution and less `outsideMs`, which every
 * request of the tenant spends elsewhere. So there is a least number of executions; with the mean batch
 * that follows, no inference takes less than the best of the smaller batches does. Requests that may be
 * late are left out altogether. Infinity where no request can be in time.
 */
export function leastDeviceTime(
  profile: ModelProfile,
  { tenants, seconds }: LeastLoad,
  { maxBatchSize, outsideMs }: { readonly maxBatchSize: number; outsideMs(tenant: TenantLoad): number },
): DeviceTime {
  const busy = tenants.filter(({ requests, leftOut }) => requests > leftOut);
  const inferences = busy.reduce((sum, tenant) => sum + tenant.inferences, 0);
  if (inferences === 0) return { inferS: 0, instanceS: 0 };
  const shortestMs = shortestExecutionMs(profile);
  const timed = busy.map((tenant): Timed => {
    const windowUs = (tenant.limitMs - outsideMs(tenant) - shortestMs) * 1000;
    return { ...tenant, windowUs };
  });
  if (timed.some(({ windowUs }) => windowUs < 0)) return NOWHERE;
  const executions = fewestExecutions(timed, maxBatchSize);
  const meanBatch = Math.min(maxBatchSize, Math.max(1, inferences / executions));
  const least = (msOf: (batch: number) => number) =>
    (inferences * bestMsPerInference(profile, msOf, { meanBatch, maxBatchSize })) / 1000 / seconds;
  return {
    inferS: least((batch) => inferMs(profile, batch)),
    instanceS: least((batch) => executionMs(profile, batch)),
  };
}

/** Of a thousand executions at most one is shorter, as far as they vary. */
const SHORTEST_OF = 1e-3;

/** The shortest execution alone on the device, where chance makes it short. */
export function shortestExecutionMs(profile: ModelProfile): number {
  const { spread } = profile;
  const meanMs = shortestMs(profile);
  if (spread.law === 'none') return meanMs;
  if (spread.law !== 'empirical')
    return spread.cv === 0 ? meanMs : meanMs * SPREAD_LAWS[spread.law].quantile(spread.cv, SHORTEST_OF);
  const mean = spread.ratios.reduce((sum, ratio) => sum + ratio, 0) / spread.ratios.length;
  return (meanMs * spread.ratios[0]!) / mean;
}

interface Timed extends TenantLoad {
  /** Arrivals further apart are never in one execution. */
  readonly windowUs: number;
}

/**
 * Executions that there are at least. A request that waits for long may join one that is due earlier, so
 * that for each window only the tenants that have no longer one are counted.
 */
function fewestExecutions(tenants: readonly Timed[], maxBatchSize: number): number {
  const inferences = tenants.reduce((sum, tenant) => sum + tenant.inferences, 0);
  const windows = [...new Set(tenants.map(({ windowUs }) => windowUs))];
  const whole = inferences / maxBatchSize;
  return windows.reduce((most, windowUs) => {
    const hurried = tenants.filter((tenant) => tenant.windowUs <= windowUs);
    const arrivals = mergedArrivals(hurried);
    const leftOut = hurried.reduce((sum, tenant) => sum + tenant.leftOut, 0);
    const smallest = Math.min(...hurried.map((tenant) => tenant.smallest));
    const mostInside = Math.max(1, Math.floor(maxBatchSize / smallest));
    // What is left out may have been all of an execution each; or one of each set of those far apart.
    const least = Math.max(most, greedyWindows(arrivals, windowUs, mostInside) - leftOut);
    return leftOut === 0 ? least : farApart(arrivals, windowUs, { leftOut, least });
  }, whole);
}

function mergedArrivals(tenants: readonly Timed[]): Float64Array {
  if (tenants.length === 1) return tenants[0]!.arrivalsUs;
  const all = new Float64Array(tenants.reduce((sum, { arrivalsUs }) => sum + arrivalsUs.length, 0));
  let next = 0;
  for (const { arrivalsUs } of tenants) {
    all.set(arrivalsUs, next);
    next += arrivalsUs.length;
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

/** Sets of arrivals that are looked at. */
const MOST_SETS = 16;

/**
 * Each of the arrivals of a set that are further apart than the window needs an execution of its own.
 * Of several sets without a common arrival one keeps at least the mean when some are left out. Gives
 * that number, or `least` where it is larger.
 */
function farApart(
  arrivals: Float64Array,
  windowUs: number,
  { leftOut, least }: { readonly leftOut: number; readonly least: number },
): number {
  const rest = arrivals.slice();
  let length = rest.length;
  let chosen = 0;
  let most = least;
  for (let sets = 1; sets <= MOST_SETS; sets++) {
    const before = length;
    let lastUs = -Infinity;
    length = 0;
    for (let i = 0; i < before; i++) {
      const us = rest[i]!;
      if (us - lastUs > windowUs) lastUs = us;
      else rest[length++] = us;
    }
    const added = before - length;
    chosen += added;
    most = Math.max(most, (chosen - leftOut) / sets);
    // Later sets are no larger than this one: the mean cannot rise above it.
    if (added === 0 || added <= most) break;
  }
  return most;
}

/**
 * Least time per inference when the mean batch is at most `meanBatch`: the lowest line from the origin
 * of batch sizes under the measured times, at that batch.
 */
function bestMsPerInference(
  profile: ModelProfile,
  msOf: (batch: number) => number,
  { meanBatch, maxBatchSize }: { readonly meanBatch: number; readonly maxBatchSize: number },
): number {
  const measured = profile.service.map(({ batchSize }) => batchSize);
  const sizes = [...new Set([1, ...measured, meanBatch, maxBatchSize])];
  const timed = sizes.map((size) => ({ size, ms: msOf(size) }));
  const low = timed.filter(({ size }) => size <= meanBatch);
  const high = timed.filter(({ size }) => size >= meanBatch);
  // The chord between two sizes around the mean can lie below the times between them.
  const chords = low.flatMap((from) =>
    high.map((to) => {
      const part = to.size === from.size ? 0 : (meanBatch - from.size) / (to.size - from.size);
      return ((1 - part) * from.ms + part * to.ms) / meanBatch;
    }),
  );
  // A larger batch may take less where measured times fall: requests that are late anyway fill it up.
  const filled = high.map(({ ms }) => ms / meanBatch);
  return Math.min(...chords, ...filled, ...low.map(({ size, ms }) => ms / size));
}
