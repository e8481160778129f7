import { quantileOfSorted } from '../../metrics/quantiles.js';
import { bucketEnds, bucketKeys, FEW, sortWithin } from './sort-times.js';

/** Quantiles ask for few places: buckets of some hundred values cost less to count than to sort. */
const VALUES_PER_BUCKET_BITS = 8;

/**
 * Quantiles of times that are 0 or more (no NaN), without sorting all of them: values are counted into
 * buckets, and only the buckets in which a quantile lies are put in order.
 */
export class OrderStatistics {
  readonly #times: Float64Array;
  /** As a sorted copy in the buckets that are in order, and nothing elsewhere. */
  readonly #sorted: Float64Array;
  #buckets: Buckets | undefined;

  constructor(times: Float64Array) {
    this.#times = times;
    if (times.length < FEW) {
      this.#sorted = times.slice().sort();
      return;
    }
    this.#sorted = new Float64Array(times.length);
    this.#buckets = bucketsOf(times);
    this.#bringInOrder([0, times.length - 1]);
  }

  /** The smallest; NaN where there are none. */
  get min(): number {
    return this.#sorted[0] ?? Number.NaN;
  }

  get max(): number {
    return this.#sorted.at(-1) ?? Number.NaN;
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
    return ps.map((p) => quantileOfSorted(this.#sorted, p));
  }

  /** The largest value that is not the largest; only where there are different ones. */
  largestBelowMax(): number {
    const { max } = this;
    return this.#times.reduce(
      (most, time) => (time > most && time < max ? time : most),
      Number.NEGATIVE_INFINITY,
    );
  }

  /** Makes sure that the values at these ranks are where a sorted copy has them. */
  #bringInOrder(ranks: readonly number[]): void {
    if (this.#buckets === undefined) return;
    const { keys, lowest, starts, isInOrder } = this.#buckets;
    const wanted = new Set(ranks.filter((rank) => rank >= 0).map((rank) => bucketOf(starts, rank)));
    const missing = [...wanted].filter((bucket) => isInOrder[bucket] === 0);
    if (missing.length === 0) return;
    const next = new Int32Array(isInOrder.length).fill(-1);
    for (const bucket of missing) next[bucket] = starts[bucket]!;
    for (let i = 0; i < keys.length; i++) {
      const bucket = keys[i]! - lowest;
      if (next[bucket]! >= 0) this.#sorted[next[bucket]!++] = this.#times[i]!;
    }
    for (const bucket of missing) {
      sortWithin(this.#sorted, starts[bucket]!, starts[bucket + 1]!);
      isInOrder[bucket] = 1;
    }
  }
}

interface Buckets {
  readonly keys: Uint32Array;
  /** Key of the first bucket. */
  readonly lowest: number;
  /** First rank in each bucket, and after them the number of values. */
  readonly starts: Uint32Array;
  readonly isInOrder: Uint8Array;
}

function bucketsOf(times: Float64Array): Buckets {
  const keys = bucketKeys(times, Math.floor(Math.log2(times.length)) - VALUES_PER_BUCKET_BITS);
  const { lowest, ends } = bucketEnds(keys);
  const starts = new Uint32Array(ends.length);
  starts.set(ends.subarray(0, -1), 1);
  return { keys, lowest, starts, isInOrder: new Uint8Array(ends.length - 1) };
}

/** The bucket in which the value of that rank lies. */
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
