import type { ModelProfile, ServicePoint } from './profile.js';
import { totalMs } from './service-time.js';
import { doubtOf } from './validation.js';

/** Falls of the service time smaller than this are noise of the measurement. */
const NOISE = 0.02;

/** A batch that costs more than this times its share of inferences was hardly measured alone. */
const DEARER = 1.2;

/**
 * What is odd about a valid profile, or not known in it, one sentence each: a larger batch that takes
 * less time, a doubling that costs far more than double, an unknown memory need, no spread, measured loads that it predicts badly.
 */
export function inspectProfile(profile: ModelProfile): readonly string[] {
  // Batches that are padded take as long as the size that they are padded to.
  const steps = profile.service.filter(
    (point, i) => profile.service[i + 1] === undefined || totalMs(point) !== totalMs(profile.service[i + 1]!),
  );
  return [
    ...steps.slice(1).flatMap((point, i) => inspectStep(steps[i]!, point)),
    ...inspectGaps(profile),
    ...inspectRegion(profile),
    ...inspectValidation(profile),
  ];
}

function inspectStep(smaller: ServicePoint, larger: ServicePoint): readonly string[] {
  const times = totalMs(larger) / totalMs(smaller);
  const sizes = larger.batchSize / smaller.batchSize;
  const step = `batch ${larger.batchSize} (${round(totalMs(larger))} ms) against batch ${smaller.batchSize} (${round(totalMs(smaller))} ms)`;
  if (times < 1 - NOISE) return [`${step}: a larger batch takes less time`];
  if (times > sizes * DEARER)
    return [`${step}: ${round(times)} times the time for ${round(sizes)} times the batch`];
  return [];
}

function inspectGaps({ memory, spread, load }: ModelProfile): readonly string[] {
  const remarks: string[] = [];
  if (!memory.known) remarks.push('its device memory is not known; a placement cannot be checked for fit');
  if (spread.law === 'none')
    remarks.push('it has no spread of service times; predicted tails come out short');
  if (load.loadMs === 0) remarks.push('its load time is not known and counts as 0');
  return remarks;
}

function inspectRegion({ region, service }: ModelProfile): readonly string[] {
  const measured = new Set(service.map((point) => point.batchSize));
  const claimed = region.batchSizes.filter((size) => !measured.has(size));
  if (claimed.length === 0) return [];
  return [`its region names batch sizes without a service point: ${claimed.join(', ')}`];
}

function inspectValidation(profile: ModelProfile): readonly string[] {
  const doubt = doubtOf(profile);
  return doubt === undefined ? [] : [doubt];
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
