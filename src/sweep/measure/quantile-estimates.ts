import { batchCount, batchUncertainty, unknownInterval, withUncertainty } from '../../metrics/intervals.js';
import type { Estimate } from '../../metrics/summary.js';
import type { OrderStatistics } from './order-statistics.js';

/** As `quantileEstimate` of the metrics has it: a tail seen in fewer batches is a few bursts. */
const FEWEST_MOMENTS = 5;

/**
 * What `quantileEstimate` gives for each share of `ps`, in one pass over the series for all of them: a sweep
 * asks for the same quantiles of every tenant of every point. `order` is that of the series. A test holds the
 * two together.
 */
export function quantileEstimates(
  series: Float64Array,
  order: OrderStatistics,
  ps: readonly number[],
): Estimate[] {
  const values = order.quantiles(ps);
  const batches = batchCount(series.length);
  if (batches === 0) return values.map(unknownInterval);
  const { max } = order;
  if (order.min === max) return values.map((value) => ({ value, low: value, high: value }));
  // Where many values share the maximum, those that reach it count, as none is above it.
  const limits = values.map((value) => (value === max ? order.largestBelowMax() : value));
  const shares = sharesAbove(series, limits, batches);
  const halves = shares.map((above) => withUncertainty(0, batchUncertainty(above)).high);
  const lows = order.quantiles(ps.map((p, i) => p - halves[i]!));
  const highs = order.quantiles(ps.map((p, i) => p + halves[i]!));
  return ps.map((p, i) => {
    const value = values[i]!;
    const half = halves[i]!;
    const moments = shares[i]!.filter((share) => (p >= 0.5 ? share > 0 : share < 1)).length;
    const known = p - half >= 0 && (p + half <= 1 || value === max) && moments >= FEWEST_MOMENTS;
    return known ? { value, low: lows[i]!, high: highs[i]! } : unknownInterval(value);
  });
}

/** For each limit the share of values above it, in each of the batches of the series. */
function sharesAbove(series: Float64Array, limits: readonly number[], batches: number): number[][] {
  const ascending = Float64Array.from(limits).sort();
  const counts = new Float64Array(limits.length + 1);
  const shares: number[][] = limits.map(() => []);
  for (let batch = 0; batch < batches; batch++) {
    const start = Math.floor((batch * series.length) / batches);
    const end = Math.floor(((batch + 1) * series.length) / batches);
    counts.fill(0);
    countBetween(series, start, end, ascending, counts);
    for (const [i, limit] of limits.entries()) {
      let above = 0;
      // Of equal limits the last is the one that counts go past.
      for (let k = ascending.lastIndexOf(limit) + 1; k < counts.length; k++) above += counts[k]!;
      shares[i]!.push(above / (end - start));
    }
  }
  return shares;
}

/** `counts[k]`: values above `limits[k - 1]` and not above `limits[k]`. */
function countBetween(
  series: Float64Array,
  start: number,
  end: number,
  limits: Float64Array,
  counts: Float64Array,
): void {
  for (let i = start; i < end; i++) {
    const value = series[i]!;
    let k = 0;
    while (k < limits.length && value > limits[k]!) k++;
    counts[k]!++;
  }
}
