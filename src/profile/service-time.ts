import type { ModelProfile, ServicePoint } from './profile.js';

/** Mean length of the three phases of one execution alone on the device, in milliseconds. */
export interface PhaseTimes {
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
}

/** All three phases, one after the other. */
export function totalMs({ inputMs, inferMs, outputMs }: PhaseTimes): number {
  return inputMs + inferMs + outputMs;
}

/** The same for every batch size 0..max at once, in whole nanoseconds; entry 0 is 0. */
export interface ServiceTable {
  readonly inputNs: Float64Array;
  readonly inferNs: Float64Array;
  readonly outputNs: Float64Array;
  /** Share of the device that one execution fills by itself. */
  readonly fill: Float64Array;
}

type Phase = keyof PhaseTimes;

/**
 * Service time of an execution of `batchSize` (> 0) inferences: exact at the measured points, on the
 * line between two neighbours, and on the line through the two outermost points beyond them. That
 * line never falls (a measured fall is noise, or a special case of one size), and below the first
 * point no phase is shorter than in proportion to the batch. With a single point the time is held
 * below it and grows in proportion above.
 * @throws RangeError when `batchSize` is not above zero
 */
export function serviceTime(profile: Pick<ModelProfile, 'service'>, batchSize: number): PhaseTimes {
  if (!(batchSize > 0)) throw new RangeError(`a batch has more than 0 inferences, not ${batchSize}`);
  const points = profile.service;
  const next = firstAtLeast(points, batchSize);
  return {
    inputMs: phaseTime(points, next, batchSize, 'inputMs'),
    inferMs: phaseTime(points, next, batchSize, 'inferMs'),
    outputMs: phaseTime(points, next, batchSize, 'outputMs'),
  };
}

/** {@link serviceTime} for every batch size up to `maxBatchSize`, as the simulator looks it up. */
export function serviceTable(profile: Pick<ModelProfile, 'service'>, maxBatchSize: number): ServiceTable {
  const points = profile.service;
  return {
    inputNs: phaseTable(points, maxBatchSize, 'inputMs'),
    inferNs: phaseTable(points, maxBatchSize, 'inferMs'),
    outputNs: phaseTable(points, maxBatchSize, 'outputMs'),
    fill: fillTable(points, maxBatchSize),
  };
}

/**
 * Share of the device that an execution of `batchSize` inferences fills by itself: what the whole device works for it,
 * over the time that it takes. More than 1 where executions side by side do less together than one after the other.
 * 1 where the profile does not say.
 */
export function fillOf({ service }: Pick<ModelProfile, 'service'>, batchSize: number): number {
  const work = deviceWork(service);
  return work === undefined ? 1 : fillAt(service, work, batchSize);
}

function fillTable(points: readonly ServicePoint[], maxBatchSize: number): Float64Array {
  const work = deviceWork(points);
  const table = new Float64Array(maxBatchSize + 1).fill(1);
  if (work !== undefined)
    for (let size = 1; size <= maxBatchSize; size++) table[size] = fillAt(points, work, size);
  return table;
}

/** The points with what the device works in place of how long the inference takes; undefined where one does not say. */
function deviceWork(points: readonly ServicePoint[]): readonly ServicePoint[] | undefined {
  const work = points.flatMap((point) =>
    point.deviceMs === undefined ? [] : [{ ...point, inferMs: point.deviceMs }],
  );
  return work.length === points.length ? work : undefined;
}

function fillAt(points: readonly ServicePoint[], work: readonly ServicePoint[], batchSize: number): number {
  const next = firstAtLeast(points, batchSize);
  const inferMs = phaseTime(points, next, batchSize, 'inferMs');
  return inferMs === 0 ? 1 : phaseTime(work, next, batchSize, 'inferMs') / inferMs;
}

function phaseTable(points: readonly ServicePoint[], maxBatchSize: number, phase: Phase): Float64Array {
  const table = new Float64Array(maxBatchSize + 1);
  for (let size = 1; size <= maxBatchSize; size++) {
    const next = firstAtLeast(points, size);
    table[size] = Math.round(phaseTime(points, next, size, phase) * 1e6);
  }
  return table;
}

/** Index of the first point with at least this batch size; the number of points if there is none. */
function firstAtLeast(points: readonly ServicePoint[], batchSize: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.batchSize < batchSize) low = middle + 1;
    else high = middle;
  }
  return low;
}

function phaseTime(points: readonly ServicePoint[], next: number, size: number, phase: Phase): number {
  const right = points[next];
  if (right?.batchSize === size) return right[phase];
  if (right === undefined) return aboveLast(points, size, phase);
  const left = points[next - 1];
  if (left === undefined) return belowFirst(points, size, phase);
  // Rounding of the slope must not take a time below nothing.
  return Math.max(0, left[phase] + slope(left, right, phase) * (size - left.batchSize));
}

function aboveLast(points: readonly ServicePoint[], size: number, phase: Phase): number {
  const last = points[points.length - 1]!;
  const before = points[points.length - 2];
  if (before === undefined) return last[phase] * (size / last.batchSize);
  return last[phase] + Math.max(0, slope(before, last, phase)) * (size - last.batchSize);
}

function belowFirst(points: readonly ServicePoint[], size: number, phase: Phase): number {
  const first = points[0]!;
  const after = points[1];
  if (after === undefined) return first[phase];
  const onLine = first[phase] - Math.max(0, slope(first, after, phase)) * (first.batchSize - size);
  return Math.max(onLine, first[phase] * (size / first.batchSize));
}

function slope(left: ServicePoint, right: ServicePoint, phase: Phase): number {
  return (right[phase] - left[phase]) / (right.batchSize - left.batchSize);
}
