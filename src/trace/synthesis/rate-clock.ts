/**
 * Turns operational time into time: the inverse of the cumulative rate Λ(t) = ∫₀ᵗ λ. Arrivals with
 * gaps of mean 1 in operational time, seen through it, arrive at rate λ(t) (Çinlar 1975,
 * "Introduction to stochastic processes", ch. 4). This is inversion, exact: nothing is drawn and
 * thrown away, and the gaps may follow any law.
 */
export interface RateClock {
  /**
   * When so many arrivals are expected since the start, in microseconds; Infinity if never. The
   * argument must not decrease from call to call.
   */
  timeUs(expectedArrivals: number): number;
}

export function constantRateClock(ratePerS: number): RateClock {
  return { timeUs: (expectedArrivals) => (expectedArrivals * 1e6) / ratePerS };
}

/** A stretch of time over which the rate changes in a straight line. */
export interface RateSegment {
  /** May be Infinity, with equal rates. */
  readonly lengthUs: number;
  readonly startPerUs: number;
  readonly endPerUs: number;
}

/** Expected arrivals within a segment, or within its first part. */
export function segmentArrivals(segment: RateSegment, untilUs = segment.lengthUs): number {
  const { lengthUs, startPerUs, endPerUs } = segment;
  if (untilUs === 0 || (startPerUs === 0 && endPerUs === 0)) return 0;
  if (startPerUs === endPerUs) return startPerUs * untilUs;
  const end = startPerUs + (endPerUs - startPerUs) * (untilUs / lengthUs);
  return ((startPerUs + end) / 2) * untilUs;
}

const NOTHING: RateSegment = { lengthUs: 0, startPerUs: 0, endPerUs: 0 };

/**
 * The clock of a rate made of straight segments, which are asked for only when reached, and no
 * longer once `endUs` is.
 */
export class SegmentClock implements RateClock {
  readonly #segments: Iterator<RateSegment>;
  readonly #endUs: number;
  #segment = NOTHING;
  #startUs = 0;
  #startArrivals = 0;
  #arrivals = 0;

  constructor(segments: Iterator<RateSegment>, endUs: number) {
    this.#segments = segments;
    this.#endUs = endUs;
  }

  timeUs(expectedArrivals: number): number {
    while (expectedArrivals >= this.#startArrivals + this.#arrivals) {
      if (!this.#advance()) return Infinity;
    }
    return this.#startUs + timeWithin(this.#segment, expectedArrivals - this.#startArrivals);
  }

  #advance(): boolean {
    this.#startUs += this.#segment.lengthUs;
    this.#startArrivals += this.#arrivals;
    const next = this.#startUs < this.#endUs ? this.#segments.next() : { done: true as const };
    this.#segment = next.done === true ? NOTHING : next.value;
    this.#arrivals = segmentArrivals(this.#segment);
    return next.done !== true;
  }
}

/**
 * Time into the segment at which `arrivals` are expected: the root of s t + (e - s) t² / 2L, in the
 * form that neither cancels nor divides by zero when the rates are equal.
 */
function timeWithin(segment: RateSegment, arrivals: number): number {
  const { lengthUs, startPerUs, endPerUs } = segment;
  if (arrivals <= 0) return 0;
  if (startPerUs === endPerUs) return arrivals / startPerUs;
  const slope = (endPerUs - startPerUs) / lengthUs;
  const ratePerUs = Math.sqrt(Math.max(0, startPerUs * startPerUs + 2 * slope * arrivals));
  return Math.min(lengthUs, (2 * arrivals) / (startPerUs + ratePerUs));
}
