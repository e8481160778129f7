import { rateEstimate } from '../statistics/intervals.js';

/** Slices of the window whose counts give the rates their intervals. */
const SLICES = 32;

/** When requests count, in microseconds: planned in it, both ends included. */
export interface Window {
  readonly fromUs: number;
  readonly endUs: number;
}

export function lengthS({ fromUs, endUs }: Window): number {
  return (endUs - fromUs) / 1e6;
}

/** Requests completed, inferences in them and requests within the limit, by slice of the window. */
export interface RateCounts {
  readonly requests: Float64Array;
  readonly inferences: Float64Array;
  readonly good: Float64Array;
}

/** Counts what was completed inside a window, whenever it was planned. */
export class RateTally {
  readonly counts: RateCounts = {
    requests: new Float64Array(SLICES),
    inferences: new Float64Array(SLICES),
    good: new Float64Array(SLICES),
  };
  readonly #fromUs: number;
  readonly #endUs: number;
  readonly #sliceUs: number;

  constructor({ fromUs, endUs }: Window) {
    this.#fromUs = fromUs;
    this.#endUs = endUs;
    this.#sliceUs = (endUs - fromUs) / SLICES;
  }

  complete(endedUs: number, inferences: number, isGood: boolean): void {
    if (!(endedUs > this.#fromUs && endedUs <= this.#endUs)) return;
    const slice = Math.min(SLICES - 1, Math.floor((endedUs - this.#fromUs) / this.#sliceUs));
    const { counts } = this;
    counts.requests[slice]!++;
    counts.inferences[slice]! += inferences;
    if (isGood) counts.good[slice]!++;
  }
}

/** Rates with the intervals that the slices of all these tenants together give. */
export function ratesOf(parts: readonly RateCounts[], window: Window) {
  const rate = (key: keyof RateCounts) => {
    const counts = Array.from({ length: SLICES }, (_, slice) =>
      parts.reduce((sum, part) => sum + part[key][slice]!, 0),
    );
    return rateEstimate(counts, lengthS(window) / SLICES);
  };
  return { throughputPerS: rate('requests'), inferencesPerS: rate('inferences'), goodputPerS: rate('good') };
}
