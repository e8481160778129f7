import type { Completions } from '../metrics/figures/completions.js';
import type { Scratch } from '../metrics/statistics/scratch.js';

/** The rows of several lists in the order of their times; at one instant in order of the lists. */
export interface MergedOrder {
  /** Where each row stands with all lists one after the other. */
  readonly order: Uint32Array;
  /** Where each list begins there. */
  readonly starts: readonly number[];
}

/** Merges ascending lists, two neighbours at a time. */
function mergedOrder(lists: readonly Float64Array[]): MergedOrder {
  let next = 0;
  const starts = lists.map(({ length }) => {
    next += length;
    return next - length;
  });
  let runs = lists.map((timesUs, i): Run => ({ timesUs, order: numbersFrom(starts[i]!, timesUs.length) }));
  while (runs.length > 1) {
    runs = Array.from({ length: Math.ceil(runs.length / 2) }, (_, i) => {
      const second = runs[2 * i + 1];
      return second === undefined ? runs[2 * i]! : mergeTwo(runs[2 * i]!, second);
    });
  }
  return { order: runs[0]?.order ?? new Uint32Array(), starts };
}

/** Orders that are kept at hand. */
const MOST_ORDERS = 4;

/** The orders of the last few sets of lists: points with the same arrivals have the very same ones. */
export class RecentOrders {
  readonly #recent: { readonly lists: readonly Float64Array[]; readonly order: MergedOrder }[] = [];

  /** As {@link mergedOrder}. */
  of(lists: readonly Float64Array[]): MergedOrder {
    const known = this.#recent.find(
      (recent) => recent.lists.length === lists.length && recent.lists.every((list, i) => list === lists[i]),
    );
    if (known !== undefined) return known.order;
    const order = mergedOrder(lists);
    this.#recent.unshift({ lists, order });
    this.#recent.length = Math.min(this.#recent.length, MOST_ORDERS);
    return order;
  }
}

interface Run {
  readonly timesUs: Float64Array;
  readonly order: Uint32Array;
}

/** So many whole numbers from `first` on. */
function numbersFrom(first: number, length: number): Uint32Array {
  const numbers = new Uint32Array(length);
  for (let i = 0; i < length; i++) numbers[i] = first + i;
  return numbers;
}

function mergeTwo(a: Run, b: Run): Run {
  const length = a.timesUs.length + b.timesUs.length;
  const merged = { timesUs: new Float64Array(length), order: new Uint32Array(length) };
  let i = 0;
  let j = 0;
  for (let at = 0; at < length; at++) {
    const takeA = j >= b.timesUs.length || (i < a.timesUs.length && a.timesUs[i]! <= b.timesUs[j]!);
    const from = takeA ? a : b;
    const k = takeA ? i++ : j++;
    merged.timesUs[at] = from.timesUs[k]!;
    merged.order[at] = from.order[k]!;
  }
  return merged;
}

/** All tenants' latencies in order of planned arrival, where points with the same arrivals have their order in common. */
export function orderedLatencies(
  lists: readonly Completions[],
  orders: RecentOrders,
  scratch: Scratch,
): Float64Array {
  const { order, starts } = orders.of(lists.map(({ plannedUs }) => plannedUs));
  // One column with a place for each planned request, so that going through them in order is one look-up each.
  const byPlace = scratch.float64(order.length).fill(Number.NaN);
  for (const [i, { latencyUs, first }] of lists.entries()) byPlace.set(latencyUs, starts[i]! + first);
  const all = scratch.float64(order.length);
  let next = 0;
  for (let i = 0; i < order.length; i++) {
    const latency = byPlace[order[i]!]!;
    if (!Number.isNaN(latency)) all[next++] = latency;
  }
  return all.subarray(0, next);
}
