/** Buckets per doubling of the latency: the 7 highest bits of a float's mantissa. */
const BUCKETS_PER_OCTAVE = 128;
/** A float32 has 23 mantissa bits; what is left after dropping 16 is exponent and 7 of them. */
const SHIFT = 16;
/** 2^-10 µs, just under 1 ns: shorter times fall into the first bucket. */
const LOWEST_BUCKET = bitsOf(2 ** -10) >>> SHIFT;
/** 2^40 µs, 12.7 days: longer times fall into the last bucket. */
const OCTAVES = 50;
const BUCKETS = OCTAVES * BUCKETS_PER_OCTAVE;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Where the exact running figures are kept in `#exact`. */
const SUM = 0;
const MIN = 1;
const MAX = 2;

/**
 * Latencies counted in log-linear buckets, 128 to the octave (the idea of HdrHistogram, G. Tene; the
 * bucket is read off the bits of the float). Any value between 1 ns and 12 days comes back within
 * 0.4 % (half a bucket); sum, smallest and largest are exact. 26 kB, whatever is recorded.
 */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  /** In an array, because numbers that change in an object's fields are boxed. */
  readonly #exact = new Float64Array([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  #count = 0;

  /** Counts one latency of `us` microseconds, a number of at least 0. */
  record(us: number): void {
    float[0] = us;
    const bucket = (bits[0]! >>> SHIFT) - LOWEST_BUCKET;
    this.#counts[bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1]!++;
    this.#count++;
    const exact = this.#exact;
    exact[SUM]! += us;
    if (us < exact[MIN]!) exact[MIN] = us;
    if (us > exact[MAX]!) exact[MAX] = us;
  }

  /** How many latencies were recorded; each bucket holds up to 2^32 - 1. */
  get count(): number {
    return this.#count;
  }

  get sumUs(): number {
    return this.#exact[SUM]!;
  }

  /** NaN when empty, as are the next two. */
  get meanUs(): number {
    return this.sumUs / this.#count;
  }

  get minUs(): number {
    return this.#count === 0 ? Number.NaN : this.#exact[MIN]!;
  }

  get maxUs(): number {
    return this.#count === 0 ? Number.NaN : this.#exact[MAX]!;
  }

  /**
   * The latency in microseconds that a share `p` (0..1) of the records does not exceed: the middle of
   * the bucket of the record of rank ceil(p n), never outside of smallest and largest. NaN when empty.
   */
  quantile(p: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(p * this.#count));
    let seen = 0;
    let bucket = -1;
    while (seen < rank && bucket < BUCKETS - 1) seen += this.#counts[++bucket]!;
    return Math.min(this.maxUs, Math.max(this.minUs, middleOf(bucket)));
  }

  /** Share of the records (0..1) in buckets not above that of `us`; NaN when empty. */
  shareUpTo(us: number): number {
    let seen = 0;
    const last = Math.min(BUCKETS - 1, (bitsOf(us) >>> SHIFT) - LOWEST_BUCKET);
    for (let bucket = 0; bucket <= last; bucket++) seen += this.#counts[bucket]!;
    return seen / this.#count;
  }

  /** Adds everything that `other` holds. */
  merge(other: LatencyHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
    this.#count += other.#count;
    this.#exact[SUM]! += other.#exact[SUM]!;
    this.#exact[MIN] = Math.min(this.#exact[MIN]!, other.#exact[MIN]!);
    this.#exact[MAX] = Math.max(this.#exact[MAX]!, other.#exact[MAX]!);
  }

  /** Forgets everything, as at the end of a warm-up. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#exact.set([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  }
}

function bitsOf(value: number): number {
  return new Uint32Array(new Float32Array([value]).buffer)[0]!;
}

/** The value in the middle of a bucket in microseconds. */
function middleOf(bucket: number): number {
  const lower = (bucket + LOWEST_BUCKET) << SHIFT;
  return new Float32Array(new Uint32Array([lower | (1 << (SHIFT - 1))]).buffer)[0]!;
}
