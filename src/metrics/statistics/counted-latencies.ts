import { type HistogramCounts, LatencyHistogram } from '../../base/histogram.js';
import { UNKNOWN_EFFECT } from './effective-trials.js';
import { batchCount, type SeriesFigures, seriesFiguresOf, unknownInterval } from './intervals.js';
import type { RankedTimes } from './order-statistics.js';

/** Equal parts of the window, of which batches are made: so many that those can hold about as many requests each. */
export const COUNTED_SLICES = 128;

/** What is kept of latencies: plain columns, which threads can hand over. */
export interface HeldLatencies {
  /** By slice. */
  readonly histograms: readonly HistogramCounts[];
  /** Sum of squares, by slice. */
  readonly squares: Float64Array;
}

/**
 * Latencies in microseconds, counted by size and by the slice of the window in which their requests were planned, in place of a
 * column of all of them. Percentiles come back within 0.1 %; number, mean, smallest and largest are exact.
 */
export class CountedLatencies implements RankedTimes {
  readonly held: HeldLatencies;
  readonly #slices: readonly LatencyHistogram[];
  #all: LatencyHistogram | undefined;
  #batches: readonly LatencyHistogram[] | undefined;

  /** @param held what others held, which is then this one's; default: nothing */
  constructor(held?: HeldLatencies) {
    this.#slices = Array.from(
      { length: COUNTED_SLICES },
      (_, slice) => new LatencyHistogram(held?.histograms[slice]),
    );
    this.held = held ?? {
      histograms: this.#slices.map((slice) => slice.held),
      squares: new Float64Array(COUNTED_SLICES),
    };
  }

  record(slice: number, us: number): void {
    this.#slices[slice]!.record(us);
    this.held.squares[slice]! += us * us;
  }

  /** Adds everything that `other` holds; nothing may be asked before. */
  merge(other: CountedLatencies): void {
    for (const [slice, histogram] of this.#slices.entries()) {
      histogram.merge(other.#slices[slice]!);
      this.held.squares[slice]! += other.held.squares[slice]!;
    }
  }

  get count(): number {
    return this.#together.count;
  }

  get min(): number {
    return this.#together.minUs;
  }

  get max(): number {
    return this.#together.maxUs;
  }

  get batches(): number {
    return this.#parts.length;
  }

  quantiles(ps: readonly number[]): number[] {
    return ps.map((p) => this.#together.interpolated(p));
  }

  countBetween(limits: Float64Array): Float64Array[] {
    return this.#parts.map((part) => {
      const upTo = [0, ...Array.from(limits, (limit) => part.countUpTo(limit)), part.count];
      return Float64Array.from(upTo.slice(1), (count, k) => count - upTo[k]!);
    });
  }

  figures(): SeriesFigures {
    const { count, meanUs } = this.#together;
    if (count === 0) return { mean: unknownInterval(Number.NaN), effect: UNKNOWN_EFFECT };
    const squares = this.held.squares.reduce((sum, one) => sum + one, 0) - count * meanUs * meanUs;
    return seriesFiguresOf(
      meanUs,
      this.#parts.map((part) => part.meanUs),
      Math.max(0, squares),
      count,
    );
  }

  means(): Float64Array {
    return Float64Array.from(this.#slices.filter(({ count }) => count > 0).map(({ meanUs }) => meanUs));
  }

  get #together(): LatencyHistogram {
    this.#all ??= merged(this.#slices);
    return this.#all;
  }

  get #parts(): readonly LatencyHistogram[] {
    this.#batches ??= batchesOf(this.#slices.map(({ count }) => count)).map(({ from, to }) =>
      merged(this.#slices.slice(from, to)),
    );
    return this.#batches;
  }
}

function merged(parts: readonly LatencyHistogram[]): LatencyHistogram {
  const all = new LatencyHistogram();
  for (const part of parts) all.merge(part);
  return all;
}

/** Consecutive slices that make a batch: those from `from` to before `to`. */
export interface SliceRange {
  readonly from: number;
  readonly to: number;
}

/** Batches of about as many values each, where slices hold so many; none where there are too few. */
export function batchesOf(counts: ArrayLike<number>): SliceRange[] {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  for (let batches = batchCount(total); batches > 0; batches = batchCount(batches * 5)) {
    const ranges = evenRanges(counts, total, batches);
    if (ranges.length === batches) return ranges;
  }
  return [];
}

function evenRanges(counts: ArrayLike<number>, total: number, wanted: number): SliceRange[] {
  const ranges: SliceRange[] = [];
  let from = 0;
  let seen = 0;
  for (let slice = 0; slice < counts.length; slice++) {
    seen += counts[slice]!;
    if (seen < ((ranges.length + 1) * total) / wanted) continue;
    ranges.push({ from, to: slice + 1 });
    from = slice + 1;
    if (seen === total) break;
  }
  return ranges;
}
