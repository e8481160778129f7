import type { Increase } from './increases.js';

/** Intervals of one length, the last one perhaps shorter, over all the time that a source knows. */
export interface Grid {
  readonly fromUs: number;
  readonly toUs: number;
  readonly binUs: number;
}

export function binsOf({ fromUs, toUs, binUs }: Grid): number {
  return Math.ceil((toUs - fromUs) / binUs);
}

/**
 * Adds what came between two times to the intervals in which that is, evenly: exactly where they lie in one
 * interval, over several by their share of the time, with nothing lost.
 */
export function addEvenly(
  expected: Float64Array,
  { fromUs, toUs, amount }: Increase,
  { fromUs: startUs, binUs }: Grid,
): void {
  const first = Math.floor((fromUs - startUs) / binUs);
  const last = Math.max(first, Math.ceil((toUs - startUs) / binUs) - 1);
  let left = amount;
  for (let bin = first; bin < last; bin++) {
    const overlapUs = startUs + (bin + 1) * binUs - Math.max(fromUs, startUs + bin * binUs);
    const share = (amount * overlapUs) / (toUs - fromUs);
    expected[bin] = (expected[bin] as number) + share;
    left -= share;
  }
  expected[last] = (expected[last] as number) + Math.max(0, left);
}

/** How much of it lies between two times. */
export function amountBetween({ fromUs, toUs, amount }: Increase, startUs: number, endUs: number): number {
  const overlapUs = Math.min(toUs, endUs) - Math.max(fromUs, startUs);
  return (amount * Math.max(0, overlapUs)) / (toUs - fromUs);
}

/**
 * Makes whole counts of expected ones, in place: up to the end of each interval as many together as were expected,
 * rounded. So no sum over a part of the time is off by more than one.
 */
export function makeWhole(expected: Float64Array): void {
  let [soFar, counted] = [0, 0];
  for (let bin = 0; bin < expected.length; bin++) {
    soFar += expected[bin] as number;
    const count = Math.max(0, Math.round(soFar) - counted);
    expected[bin] = count;
    counted += count;
  }
}
