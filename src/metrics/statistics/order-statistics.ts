import { batchCount, batchStart } from './intervals.js';
import { quantileOfSorted } from './quantiles.js';
import { Scratch } from './scratch.js';
import { bucketKeys, type DealtTimes, dealTimes, sortWithin } from './sort-times.js';

/** Quantiles ask for few places: buckets of some hundred values cost less to deal than to sort. */
const VALUES_PER_BUCKET_BITS = 8;

/** In place of the number of limits below a bucket: one of them is in it. */
const MIXED = 255;

/** Latencies in microseconds of which quantiles and their intervals are asked. */
export interface RankedTimes {
  readonly count: number;
  /** NaN where there are none, as are the next ones. */
  readonly min: number;
  readonly max: number;
  /** Consecutive parts of the series, of about equal length; 0: it is too short for any. */
  readonly batches: number;
  /** One for each of `ps` (0..1). */
  quantiles(ps: readonly number[]): number[];
  /**
   * In each of the batches: `[k]`, how many are above `limits[k - 1]` and not above `limits[k]`.
   * @param limits ascending, fewer than 255
   */
  countBetween(limits: Float64Array): Float64Array[];
}

/**
 * Quantiles of times that are 0 or more (no NaN), without sorting all of them: values are dealt into
 * buckets, and only the buckets in which a quantile lies are put in order.
 */
export class OrderStatistics implements RankedTimes {
  readonly #times: Float64Array;
  /** Its values are as a sorted copy has them in the buckets that are in order. */
  readonly #dealt: DealtTimes;
  readonly #bits: number;
  readonly #isInOrder: Uint8Array;

  constructor(times: Float64Array, scratch = new Scratch()) {
    this.#times = times;
    this.#bits = Math.floor(Math.log2(times.length)) - VALUES_PER_BUCKET_BITS;
    this.#dealt = dealTimes(times, this.#bits, scratch);
    this.#isInOrder = new Uint8Array(this.#dealt.starts.length - 1);
    this.#bringInOrder([0, times.length - 1]);
  }

  get count(): number {
    return this.#times.length;
  }

  get batches(): number {
    return batchCount(this.count);
  }

  get min(): number {
    return this.#dealt.values[0] ?? Number.NaN;
  }

  get max(): number {
    return this.#dealt.values.at(-1) ?? Number.NaN;
  }

  /** One for each of `ps` (0..1), as {@link quantileOfSorted} defines them; it also takes what lies outside for the ends. */
  quantiles(ps: readonly number[]): number[] {
    const last = this.#times.length - 1;
    this.#bringInOrder(
      ps.flatMap((p) => {
        const below = Math.floor(last * Math.min(1, Math.max(0, p)));
        return [below, Math.min(last, below + 1)];
      }),
    );
    return ps.map((p) => quantileOfSorted(this.#dealt.values, p));
  }

  countBetween(limits: Float64Array): Float64Array[] {
    const times = this.#times;
    const { batches } = this;
    const { keys, lowest } = this.#dealt;
    const places = this.#placesOfBuckets(limits);
    return Array.from({ length: batches }, (_, batch) => {
      const counts = new Float64Array(limits.length + 1);
      const end = batchStart(batch + 1, batches, times.length);
      for (let i = batchStart(batch, batches, times.length); i < end; i++) {
        const place = places[keys[i]! - lowest]!;
        counts[place === MIXED ? placeOf(times[i]!, limits) : place]!++;
      }
      return counts;
    });
  }

  /**
   * How many of the limits lie below each bucket: times of most buckets are counted without a comparison, whose outcome no
   * processor can foresee.
   */
  #placesOfBuckets(limits: Float64Array): Uint8Array {
    const places = new Uint8Array(this.#isInOrder.length);
    const buckets = Array.from(bucketKeys(limits, this.#bits), (key) => key - this.#dealt.lowest);
    for (const [i, bucket] of buckets.entries()) places.fill(i + 1, Math.max(0, bucket + 1));
    for (const bucket of buckets) places[bucket] = MIXED;
    return places;
  }

  /** Makes sure that the values at these ranks are where a sorted copy has them. */
  #bringInOrder(ranks: readonly number[]): void {
    const { values, starts } = this.#dealt;
    for (const rank of ranks) {
      const bucket = bucketOf(starts, rank);
      if (this.#isInOrder[bucket] === 1) continue;
      sortWithin(values, starts[bucket]!, starts[bucket + 1]!);
      this.#isInOrder[bucket] = 1;
    }
  }
}

function placeOf(time: number, limits: Float64Array): number {
  let place = 0;
  while (place < limits.length && time > limits[place]!) place++;
  return place;
}

function bucketOf(starts: Uint32Array, rank: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= rank) low = middle;
    else high = middle - 1;
  }
  return low;
}
