import { batchCount, batchStart } from './intervals.js';
import { quantileOfRanked } from './quantiles.js';
import { Scratch } from './scratch.js';
import { bucketEnds, bucketKeys, sortWithin } from './sort-times.js';

/** Quantiles ask for few places: of buckets of some hundred values few values are put in order. */
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
 * Quantiles of times that are 0 or more (no NaN), without sorting all of them, or moving them: they are counted by bucket, and
 * only the buckets in which a quantile lies are collected and put in order.
 */
export class OrderStatistics implements RankedTimes {
  readonly #times: Float64Array;
  /** The bucket of each time, as {@link bucketKeys} counts them; the first one has the lowest key. */
  readonly #keys: Uint32Array;
  readonly #lowest: number;
  /** How many values are in all buckets up to each, and after them the number of values. */
  readonly #ends: Uint32Array;
  readonly #bits: number;
  readonly #inOrder = new Map<number, Float64Array>();

  constructor(times: Float64Array, scratch = new Scratch()) {
    this.#times = times;
    this.#bits = Math.floor(Math.log2(times.length)) - VALUES_PER_BUCKET_BITS;
    this.#keys = bucketKeys(times, this.#bits, scratch);
    const { lowest, ends } = bucketEnds(this.#keys);
    this.#lowest = lowest;
    this.#ends = ends;
    this.#bringInOrder([0, times.length - 1]);
  }

  get count(): number {
    return this.#times.length;
  }

  get batches(): number {
    return batchCount(this.count);
  }

  get min(): number {
    return this.#valueAt(0) ?? Number.NaN;
  }

  get max(): number {
    return this.#valueAt(this.count - 1) ?? Number.NaN;
  }

  /** One for each of `ps` (0..1), as `quantileOfSorted` defines them; it also takes what lies outside for the ends. */
  quantiles(ps: readonly number[]): number[] {
    const last = this.#times.length - 1;
    this.#bringInOrder(
      ps.flatMap((p) => {
        const below = Math.floor(last * Math.min(1, Math.max(0, p)));
        return [below, Math.min(last, below + 1)];
      }),
    );
    return ps.map((p) => quantileOfRanked(this.count, (rank) => this.#valueAt(rank), p));
  }

  countBetween(limits: Float64Array): Float64Array[] {
    const times = this.#times;
    const { batches } = this;
    const [keys, lowest] = [this.#keys, this.#lowest];
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
    const places = new Uint8Array(this.#ends.length - 1);
    const buckets = Array.from(bucketKeys(limits, this.#bits), (key) => key - this.#lowest);
    for (const [i, bucket] of buckets.entries()) places.fill(i + 1, Math.max(0, bucket + 1));
    for (const bucket of buckets) places[bucket] = MIXED;
    return places;
  }

  /** Of a rank whose bucket is in order. */
  #valueAt(rank: number): number | undefined {
    if (!(rank >= 0 && rank < this.count)) return undefined;
    const bucket = bucketOf(this.#ends, rank);
    return this.#inOrder.get(bucket)![rank - this.#startOf(bucket)];
  }

  #startOf(bucket: number): number {
    return bucket === 0 ? 0 : this.#ends[bucket - 1]!;
  }

  /** Collects the buckets with these ranks and puts them in order, in one pass over all times. */
  #bringInOrder(ranks: readonly number[]): void {
    const collected: Float64Array[] = [];
    /** For each bucket: one more than where in `collected` it is; 0: it is not. */
    const places = new Uint32Array(this.#ends.length);
    for (const rank of ranks) {
      if (!(rank >= 0 && rank < this.count)) continue;
      const bucket = bucketOf(this.#ends, rank);
      if (this.#inOrder.has(bucket)) continue;
      const values = new Float64Array(this.#ends[bucket]! - this.#startOf(bucket));
      this.#inOrder.set(bucket, values);
      places[bucket] = collected.push(values);
    }
    if (collected.length > 0) this.#collect(places, collected);
    for (const values of collected) sortWithin(values, 0, values.length);
  }

  #collect(places: Uint32Array, into: readonly Float64Array[]): void {
    const [times, keys, lowest] = [this.#times, this.#keys, this.#lowest];
    const next = new Uint32Array(into.length);
    for (let i = 0; i < times.length; i++) {
      const place = places[keys[i]! - lowest]!;
      if (place > 0) into[place - 1]![next[place - 1]!++] = times[i]!;
    }
  }
}

function placeOf(time: number, limits: Float64Array): number {
  let place = 0;
  while (place < limits.length && time > limits[place]!) place++;
  return place;
}

/** The first bucket that ends after a rank. */
function bucketOf(ends: Uint32Array, rank: number): number {
  let low = 0;
  let high = ends.length - 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]! > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}
