/** Buckets per doubling of the latency: the 9 highest bits of a float's mantissa. */
const BUCKETS_PER_OCTAVE = 512;
/** A float32 has 23 mantissa bits; what is left after dropping 14 is exponent and 9 of them. */
const SHIFT = 14;
/** 2^-10 µs, just under 1 ns: shorter times fall into the first bucket. */
const LOWEST_BUCKET = bitsOf(2 ** -10) >>> SHIFT;
/** 2^40 µs, 12.7 days: longer times fall into the last bucket. */
const OCTAVES = 50;
const BUCKETS = OCTAVES * BUCKETS_PER_OCTAVE;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Where the exact running figures are kept in `exact`. */
const SUM = 0;
const MIN = 1;
const MAX = 2;

/** What a histogram holds: plain columns, which threads can hand over. */
export interface HistogramCounts {
  /** Number of the bucket that `counts` begins with. */
  first: number;
  counts: Uint32Array;
  /** Sum, smallest and largest. In an array, because numbers that change in an object's fields are boxed. */
  readonly exact: Float64Array;
  count: number;
}

/**
 * Latencies counted in log-linear buckets, 512 to the octave (the idea of HdrHistogram, G. Tene; the
 * bucket is read off the bits of the float). Any value between 1 ns and 12 days comes back within
 * 0.1 % (half a bucket); sum, smallest and largest are exact. 2 kB for each octave in which there are any.
 */
export class LatencyHistogram {
  readonly held: HistogramCounts;

  /** @param held what another one held, which is then this one's; default: nothing */
  constructor(held?: HistogramCounts) {
    this.held = held ?? { first: 0, counts: new Uint32Array(), exact: nothingExact(), count: 0 };
  }

  /** Counts one latency of `us` microseconds, a number of at least 0. */
  record(us: number): void {
    float[0] = us;
    const raw = (bits[0]! >>> SHIFT) - LOWEST_BUCKET;
    const bucket = raw < 0 ? 0 : raw < BUCKETS ? raw : BUCKETS - 1;
    const { held } = this;
    if (bucket < held.first || bucket - held.first >= held.counts.length) this.#reach(bucket, bucket);
    held.counts[bucket - held.first]!++;
    held.count++;
    const { exact } = held;
    exact[SUM]! += us;
    if (us < exact[MIN]!) exact[MIN] = us;
    if (us > exact[MAX]!) exact[MAX] = us;
  }

  /** How many latencies were recorded; each bucket holds up to 2^32 - 1. */
  get count(): number {
    return this.held.count;
  }

  get sumUs(): number {
    return this.held.exact[SUM]!;
  }

  /** NaN when empty, as are the next two. */
  get meanUs(): number {
    return this.sumUs / this.count;
  }

  get minUs(): number {
    return this.count === 0 ? Number.NaN : this.held.exact[MIN]!;
  }

  get maxUs(): number {
    return this.count === 0 ? Number.NaN : this.held.exact[MAX]!;
  }

  /**
   * The latency in microseconds that a share `p` (0..1) of the records does not exceed: the middle of
   * the bucket of the record of rank ceil(p n), never outside of smallest and largest. NaN when empty.
   */
  quantile(p: number): number {
    return this.#ofRank(Math.max(1, Math.ceil(p * this.count)));
  }

  /** The same as `quantileOfSorted` defines it: between two records in proportion. */
  interpolated(p: number): number {
    const position = (this.count - 1) * Math.min(1, Math.max(0, p));
    const below = Math.floor(position);
    const low = this.#ofRank(below + 1);
    return low + (this.#ofRank(below + 2) - low) * (position - below);
  }

  /** The record of that rank, counted from 1, or the last one. */
  #ofRank(rank: number): number {
    const { count, counts, first } = this.held;
    if (count === 0) return Number.NaN;
    if (rank <= 1) return this.minUs;
    if (rank >= count) return this.maxUs;
    let seen = 0;
    let place = -1;
    while (seen < rank) seen += counts[++place]!;
    return Math.min(this.maxUs, Math.max(this.minUs, middleOf(first + place)));
  }

  /** How many of the records are in buckets not above that of `us`. */
  countUpTo(us: number): number {
    const { counts, first } = this.held;
    const last = Math.min(counts.length - 1, (bitsOf(us) >>> SHIFT) - LOWEST_BUCKET - first);
    let seen = 0;
    for (let place = 0; place <= last; place++) seen += counts[place]!;
    return seen;
  }

  merge({ held: other }: LatencyHistogram): void {
    const { held } = this;
    if (other.counts.length > 0) this.#reach(other.first, other.first + other.counts.length - 1);
    const from = other.first - held.first;
    for (let place = 0; place < other.counts.length; place++)
      held.counts[from + place]! += other.counts[place]!;
    held.count += other.count;
    held.exact[SUM]! += other.exact[SUM]!;
    held.exact[MIN] = Math.min(held.exact[MIN]!, other.exact[MIN]!);
    held.exact[MAX] = Math.max(held.exact[MAX]!, other.exact[MAX]!);
  }

  clear(): void {
    this.held.counts.fill(0);
    this.held.count = 0;
    this.held.exact.set(nothingExact());
  }

  /** Makes room for these buckets, whole octaves at a time. */
  #reach(lowest: number, highest: number): void {
    const { held } = this;
    const { first, counts } = held;
    const isNew = counts.length === 0;
    const from = octaveOf(isNew ? lowest : Math.min(first, lowest)) * BUCKETS_PER_OCTAVE;
    const last = isNew ? highest : Math.max(first + counts.length - 1, highest);
    const to = (octaveOf(last) + 1) * BUCKETS_PER_OCTAVE;
    if (!isNew && from === first && to === first + counts.length) return;
    held.counts = new Uint32Array(to - from);
    if (!isNew) held.counts.set(counts, first - from);
    held.first = from;
  }
}

function nothingExact(): Float64Array {
  return new Float64Array([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
}

function octaveOf(bucket: number): number {
  return Math.floor(bucket / BUCKETS_PER_OCTAVE);
}

function bitsOf(value: number): number {
  return new Uint32Array(new Float32Array([value]).buffer)[0]!;
}

/** The value in the middle of a bucket in microseconds. */
function middleOf(bucket: number): number {
  const lower = (bucket + LOWEST_BUCKET) << SHIFT;
  return new Float32Array(new Uint32Array([lower | (1 << (SHIFT - 1))]).buffer)[0]!;
}
