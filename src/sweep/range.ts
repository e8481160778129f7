import type { RangeSpec } from './spec.js';

/** The values of a range with steps, both ends included, each once. */
export function rangeValues(range: RangeSpec): number[] {
  const steps = range.steps ?? 2;
  const values = Array.from({ length: steps }, (_, i) => valueAt(range, i / (steps - 1)));
  return [...new Set(values)];
}

/**
 * The value at `share` 0..1 of the way through a range. Rounded to 12 digits, so that steps of 0.1 are
 * 0.1, 0.2, 0.3; the ends are as written.
 */
export function valueAt({ from, to, scale, wholeNumbers }: RangeSpec, share: number): number {
  const raw = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
  const value = share <= 0 ? from : share >= 1 ? to : Number(raw.toPrecision(12));
  return wholeNumbers ? Math.round(value) : value;
}
