import { sortedTimes } from '../metrics/statistics/sort-times.js';
import { doubled } from '../simulator/containers/doubled.js';

/** Room to begin with: a model on devices without limit has hundreds of them. */
const FEW = 64;

/** Intervals that are collected one by one: when each began and, once it is known, when it ended. */
export class IntervalList {
  length = 0;
  #startNs = new Float64Array(FEW);
  #endNs = new Float64Array(FEW);

  /** Adds one that has not ended and gives its number. */
  add(startNs: number): number {
    if (this.length === this.#startNs.length) this.#grow();
    this.#startNs[this.length] = startNs;
    this.#endNs[this.length] = Number.POSITIVE_INFINITY;
    return this.length++;
  }

  end(number: number, endNs: number): void {
    this.#endNs[number] = endNs;
  }

  /** Those that begin before the end of the run, cut there; starts and ends ascend each for themselves. */
  within(durationNs: number): { startNs: Float64Array; endNs: Float64Array } {
    const startNs = new Float64Array(this.length);
    const endNs = new Float64Array(this.length);
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      if (!(this.#startNs[i]! < durationNs)) continue;
      startNs[kept] = this.#startNs[i]!;
      endNs[kept++] = Math.min(this.#endNs[i]!, durationNs);
    }
    return { startNs: ascending(startNs.subarray(0, kept)), endNs: ascending(endNs.subarray(0, kept)) };
  }

  #grow(): void {
    this.#startNs = doubled(this.#startNs);
    this.#endNs = doubled(this.#endNs);
  }
}

/** The values in order: most often they are already. */
export function ascending(values: Float64Array): Float64Array {
  for (let i = 1; i < values.length; i++) if (values[i - 1]! > values[i]!) return sortedTimes(values);
  return values;
}

/** Length of the union of intervals, given their starts and their ends in ascending order. */
export function unionNs(startNs: Float64Array, endNs: Float64Array): number {
  let covered = 0;
  let next = 0;
  while (next < startNs.length) {
    const from = startNs[next]!;
    let last = next;
    // The k-th start and the k-th end in order bound the union as the intervals themselves do.
    while (last + 1 < startNs.length && startNs[last + 1]! <= endNs[last]!) last++;
    covered += endNs[last]! - from;
    next = last + 1;
  }
  return covered;
}
