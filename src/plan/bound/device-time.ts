import type { ModelProfile } from '../../profile/profile.js';
import type { LeastNetworkDelay } from '../host-side.js';
import { executionMs, inferMs, shortestMs } from '../screen.js';
import { type Chance, luckyS, shortestRatio } from './chance.js';
import type { EagerStart } from './eager-start.js';
import { fewestExecutions, type Timed } from './fewest-executions.js';
import type { LeastLoad, TenantLoad } from './least-load.js';

/** Seconds per second. */
export interface DeviceTime {
  /** On the device itself: inference, which models that share a device take from each other. */
  readonly inferS: number;
  /** On instances' threads: copies and inference, which one instance does one after the other. */
  readonly instanceS: number;
}

/** Of models on one device, each with instances of its own. */
export function together(times: readonly DeviceTime[]): DeviceTime {
  return {
    inferS: times.reduce((sum, { inferS }) => sum + inferS, 0),
    instanceS: Math.max(...times.map(({ instanceS }) => instanceS)),
  };
}

const NOWHERE: DeviceTime = { inferS: Infinity, instanceS: Infinity };

export interface LeastTimeOptions {
  readonly maxBatchSize: number;
  /** How far executions may be shorter than their means. */
  readonly chance: Chance;
  /** Where it is known that idle instances do not wait for more requests. */
  readonly eager?: EagerStart | undefined;
  /** Left out where not each request asks for all its inferences: it has no execution of its own then. */
  readonly networkDelayOf?: ((tenant: TenantLoad) => LeastNetworkDelay) | undefined;
  /** Inferences that it executes, where those are not the ones that clients ask for. */
  readonly inferences?: number;
  /** Milliseconds that an instance is busy with an execution of so many inferences besides its own. Default none. */
  readonly waitMs?: (batch: number) => number;
}

/** Differences below this are none: the simulation rounds each part of a request's time. */
export const ROUNDING_MS = 1e-3;

/**
 * The least time that any schedule on any number of devices needs for a model: the requests of one
 * execution have reached the server, by the way of their tenant, within the limit of the first of them less
 * its way and less the shortest execution. So there is a least number of executions; with the mean batch
 * that follows, no inference takes less than the best of the smaller batches does. Requests that may be
 * late ask for no execution of their own: where they are executed at all they fill the others up. Executions may be
 * shorter than their mean by chance, as far as `chance` says. Infinity where no request can be in time.
 */
export function leastDeviceTime(
  profile: ModelProfile,
  { tenants, seconds }: LeastLoad,
  {
    maxBatchSize,
    chance,
    eager,
    networkDelayOf,
    inferences = inferencesOf(tenants),
    waitMs = () => 0,
  }: LeastTimeOptions,
): DeviceTime {
  if (inferences === 0) return { inferS: 0, instanceS: 0 };
  const shortestMs = shortestExecutionMs(profile);
  const hurried = tenants.filter(({ requests, leftOut }) => networkDelayOf && requests > leftOut);
  const timed = hurried.map((tenant): Timed => {
    const { beforeMs, afterMs } = networkDelayOf!(tenant);
    const windowMs = tenant.limitMs - beforeMs - afterMs - shortestMs + ROUNDING_MS;
    const limitUs = (tenant.limitMs - beforeMs - afterMs + ROUNDING_MS) * 1000;
    return { ...tenant, beforeUs: beforeMs * 1000, windowUs: windowMs * 1000, limitUs };
  });
  if (timed.some(({ windowUs }) => windowUs < 0)) return NOWHERE;
  const known = inferences / maxBatchSize;
  const executions = fewestExecutions(timed, { maxBatchSize, eager, known });
  const meanBatch = Math.min(maxBatchSize, Math.max(1, inferences / executions));
  const least = (msOf: (batch: number) => number) => {
    const ms = inferences * bestMsPerInference(profile, msOf, { meanBatch, maxBatchSize });
    return luckyS(ms / 1000, longestMs(profile, msOf, maxBatchSize) / 1000, chance) / seconds;
  };
  return {
    inferS: least((batch) => inferMs(profile, batch)),
    instanceS: least((batch) => executionMs(profile, batch) + waitMs(batch)),
  };
}

export function inferencesOf(tenants: LeastLoad['tenants']): number {
  return tenants.reduce((sum, tenant) => sum + tenant.inferences, 0);
}

function longestMs({ service }: ModelProfile, msOf: (batch: number) => number, maxBatchSize: number): number {
  const sizes = [1, ...service.map(({ batchSize }) => batchSize), maxBatchSize];
  return Math.max(...sizes.filter((size) => size <= maxBatchSize).map(msOf));
}

/** The shortest execution alone on the device, where chance makes it short. */
export function shortestExecutionMs(profile: ModelProfile): number {
  return shortestMs(profile) * shortestRatio(profile);
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
  const known = [1, ...measured, meanBatch, maxBatchSize].filter((size) => size <= maxBatchSize);
  const sizes = [...new Set(known)];
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
