import { type MergedOrder, mergedOrder } from '../base/merged-order.js';
import type { Completions } from '../metrics/figures/completions.js';
import type { Scratch } from '../metrics/statistics/scratch.js';

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
