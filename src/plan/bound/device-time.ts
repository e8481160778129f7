import type { ModelProfile } from '../../profile/profile.js';
import type { Way } from '../host-side.js';
import { executionMs, inferMs, shortestMs } from '../screen.js';
import { luckyS, shortestRatio } from './chance.js';
import type { LeastLoad, TenantLoad } from './least-load.js';

/** Seconds per second. */
export interface DeviceTime {
  /** On the device itself: inference, which models that share a device take from each other. */
  readonly inferS: number;
  /** On instances' threads: copies and inference, which one instance does one after the other. */
  readonly instanceS: number;
}

const NOWHERE: DeviceTime = { inferS: Infinity, instanceS: Infinity };

export interface LeastTimeOptions {
  readonly maxBatchSize: number;
  /** Coefficient of variation of executions; 0 counts their means. */
  readonly cv: number;
  wayOf(tenant: TenantLoad): Way;
}

/** Differences below this are none: the simulation rounds each part of a request's time. */
export const ROUNDING_MS = 1e-3;

/**
 * The least time that any schedule on any number of devices needs for a model: the requests of one
 * execution have reached the server, by the way of their tenant, within the limit of the first of them less
 * its way and less the shortest execution. So there is a least number of executions; with the mean batch
 * that follows, no inference takes less than the best of the smaller batches does. Requests that may be
 * late ask for no execution of their own: where they are executed at all they fill the others up. Executions may be
 * shorter than their mean by chance, as far as `cv` says. Infinity where no request can be in time.
 */
export function leastDeviceTime(
  profile: ModelProfile,
  { tenants, seconds }: LeastLoad,
  { maxBatchSize, cv, wayOf }: LeastTimeOptions,
): DeviceTime {
  const inferences = tenants.reduce((sum, tenant) => sum + tenant.inferences, 0);
  if (inferences === 0) return { inferS: 0, instanceS: 0 };
  const shortestMs = shortestExecutionMs(profile);
  const hurried = tenants.filter(({ requests, leftOut }) => requests > leftOut);
  const timed = hurried.map((tenant): Timed => {
    const { beforeMs, afterMs } = wayOf(tenant);
    const windowMs = tenant.limitMs - beforeMs - afterMs - shortestMs + ROUNDING_MS;
    return { ...tenant, beforeUs: beforeMs * 1000, windowUs: windowMs * 1000 };
  });
  if (timed.some(({ windowUs }) => windowUs < 0)) return NOWHERE;
  const executions = Math.max(inferences / maxBatchSize, fewestExecutions(timed, maxBatchSize));
  const meanBatch = Math.min(maxBatchSize, Math.max(1, inferences / executions));
  const least = (msOf: (batch: number) => number) => {
    const ms = inferences * bestMsPerInference(profile, msOf, { meanBatch, maxBatchSize });
    return luckyS(ms / 1000, longestMs(profile, msOf, maxBatchSize) / 1000, cv) / seconds;
  };
  return {
    inferS: least((batch) => inferMs(profile, batch)),
    instanceS: least((batch) => executionMs(profile, batch)),
  };
}

export function longestMs(
  { service }: ModelProfile,
  msOf: (batch: number) => number,
  maxBatchSize: number,
): number {
  const sizes = [1, ...service.map(({ batchSize }) => batchSize), maxBatchSize];
  return Math.max(...sizes.filter((size) => size <= maxBatchSize).map(msOf));
}

/** The shortest execution alone on the device, where chance makes it short. */
export function shortestExecutionMs(profile: ModelProfile): number {
  return shortestMs(profile) * shortestRatio(profile);
}

interface Timed extends TenantLoad {
  /** From its planned arrival until a request reaches the queue at the server. */
  readonly beforeUs: number;
  /** What reaches the server later after one of its requests is never in one execution with it. */
  readonly windowUs: number;
}

/**
 * Executions that there are at least. A request that waits for long may join one that is due earlier, so
 * that for each window only the tenants that have no longer one are counted.
 */
function fewestExecutions(tenants: readonly Timed[], maxBatchSize: number): number {
  const windows = [...new Set(tenants.map(({ windowUs }) => windowUs))];
  return windows.reduce((most, windowUs) => {
    const hurried = tenants.filter((tenant) => tenant.windowUs <= windowUs);
    const arrivals = mergedArrivals(hurried);
    const leftOut = hurried.reduce((sum, tenant) => sum + tenant.leftOut, 0);
    const smallest = Math.min(...hurried.map((tenant) => tenant.smallest));
    const mostInside = Math.max(1, Math.floor(maxBatchSize / smallest));
    // What is left out may have been all of an execution each; or one of each set of those far apart.
    const least = Math.max(most, greedyWindows(arrivals, windowUs, mostInside) - leftOut);
    return leftOut === 0 ? least : farApart(arrivals, windowUs, { leftOut, least });
  }, 0);
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
