import type { ModelProfile } from '../profile/profile.js';
import { serviceTime, totalMs } from '../profile/service-time.js';
import type { ServingOption, SlotKind } from './placement.js';
import type { PlanProblem, Workload } from './problem-setting.js';
import { ownCapacity } from './slot-capacity.js';

/** Milliseconds of one execution of that many inferences, alone on the device. */
export function executionMs(profile: ModelProfile, batchSize: number): number {
  return totalMs(serviceTime(profile, batchSize));
}

/** The least of them for a request alone or in company: where measured times fall, not that of the smallest batch. */
export function shortestMs(profile: ModelProfile, maxBatchSize = Infinity): number {
  const measured = profile.service.map(({ batchSize }) => batchSize);
  const most = Math.min(maxBatchSize, measured.at(-1) ?? 1);
  const sizes = [1, most, ...measured.filter((size) => size <= most)];
  return sizes.reduce((least, size) => Math.min(least, executionMs(profile, size)), Infinity);
}

/** The part of it that is on the device itself. */
export function inferMs(profile: ModelProfile, batchSize: number): number {
  return serviceTime(profile, batchSize).inferMs;
}

/**
 * The share of a device's time that a model takes there, by a cycle argument: on a busy device its
 * requests wait for about one cycle and are then executed together, so that half the limit is the
 * longest cycle, and the batch is what arrives in it (at least one, at most what is allowed).
 * Infinity where every execution takes longer than the limit.
 */
export function deviceShare(
  profile: ModelProfile,
  ratePerS: number,
  limitMs: number,
  { maxBatchSize }: Pick<ServingOption, 'maxBatchSize'>,
): number {
  if (shortestMs(profile, maxBatchSize) > limitMs) return Infinity;
  return shareInCycle(profile, ratePerS, longestCycleMs(limitMs), maxBatchSize);
}

/** Whether a batch takes the largest request of a model (others are refused by Triton), and the model may have it. */
export function holdsRequests(
  { largestRequest, largestCall = 0, mostBatch = Infinity }: Requests,
  { maxBatchSize }: Pick<ServingOption, 'maxBatchSize'>,
): boolean {
  return maxBatchSize >= Math.max(largestRequest, largestCall) && maxBatchSize <= mostBatch;
}

/** What a workload's batches must take. */
type Requests = Pick<Workload, 'largestRequest' | 'largestCall' | 'mostBatch'>;

/** The options with batches that hold every request of a model. */
export function optionsThatHold(
  { options }: Pick<PlanProblem, 'options'>,
  workload: Requests & Pick<Workload, 'parts'>,
): readonly ServingOption[] {
  const able = options.filter((option) => holdsRequests(workload, option));
  // Engines form their batches as they like: one option is as good as another.
  const isFree = workload.parts?.every(({ engine }) => engine !== undefined) ?? false;
  const most = Math.max(...able.map(({ maxBatchSize }) => maxBatchSize));
  return isFree ? able.filter(({ maxBatchSize }) => maxBatchSize === most).slice(0, 1) : able;
}

/** What of a model's limit is left for waiting and executing on a kind of slot; below 0 where nothing is. */
export function executionLimitMs({ limitMs, outsideMs }: Workload, kind: number): number {
  return limitMs - outsideMs[kind]!;
}

/** Half the limit: a request waits for one cycle and is answered at the end of the next. */
export function longestCycleMs(limitMs: number): number {
  return Math.min(limitMs / 2, LONGEST_CYCLE_MS);
}

/** The share of a device's time that a model takes where every one on it executes once in a cycle. */
export function shareInCycle(
  profile: ModelProfile,
  ratePerS: number,
  cycleMs: number,
  maxBatchSize: number,
): number {
  if (ratePerS === 0) return 0;
  const batch = Math.min(maxBatchSize, Math.max(1, (ratePerS * cycleMs) / 1000));
  return (ratePerS * executionMs(profile, batch)) / batch / 1000;
}

/** Where there is no SLO, nobody waits longer than this for a batch. */
const LONGEST_CYCLE_MS = 1000;

/**
 * The options by the replicas that they need, then by the share they take, best first; those with a batch that
 * fits into half the limit come before the others.
 */
export function rankOptions(
  { profile, slot }: { readonly profile: ModelProfile; readonly slot: SlotKind },
  ratePerS: number,
  limitMs: number,
  options: readonly ServingOption[],
): readonly ServingOption[] {
  const rated = options.map((option) => {
    const { maxBatchSize, queueDelayMs, instances } = option;
    const inTime = executionMs(profile, maxBatchSize) <= limitMs / 2 ? 0 : 1;
    const share = deviceShare(profile, ratePerS, limitMs, option);
    const delay = queueDelayMs > limitMs / 4 ? 1 : 0;
    const replicas = Math.ceil(share / (ownCapacity(slot, profile, instances) * MOST_FILLED));
    return { option, key: [inTime + delay, replicas, share, maxBatchSize, instances] };
  });
  return rated.sort((a, b) => compareKeys(a.key, b.key)).map(({ option }) => option);
}

/** Part of its time that an instance can be busy while others must not wait for long. */
const MOST_FILLED = 0.9;

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value < b[i]! ? -1 : 1;
  return 0;
}
