import { describe, expect, it } from 'vitest';
import { seriesFigures } from '../../src/metrics/statistics/intervals.js';
import { OrderStatistics } from '../../src/metrics/statistics/order-statistics.js';
import { quantileEstimates } from '../../src/metrics/statistics/quantile-estimates.js';
import { summarize } from '../../src/metrics/summarize.js';
import { buildLog } from './log-builder.js';
import { quantileEstimate } from './quantile-estimate.js';

const DURATION_US = 300e6;
const LATENCY_NS = 7_019_408;

/** Every tenth request waits for another; all others take equally long, whenever they come. */
function logOfEqualLatencies() {
  const requests = Array.from({ length: 7000 }, (_, i) => {
    const plannedNs = i * 42_857_000;
    const ns = i % 10 === 9 ? 2 * LATENCY_NS : LATENCY_NS;
    return { plannedUs: plannedNs / 1000, startedUs: plannedNs / 1000, endedUs: (plannedNs + ns) / 1000 };
  });
  return buildLog(requests, DURATION_US);
}

describe('requests that take equally long', () => {
  const summarizeWith = (limitMs: number) =>
    summarize({
      scenarioName: 'equal',
      seed: 1,
      warmUpUs: 0,
      tenants: [{ name: 'a', slo: { percentile: 90, limitMs } }],
      log: logOfEqualLatencies(),
    }).tenants[0]!;

  it('have no interval around the percentile that they all share, early or late in the run', () => {
    const { latencyMs } = summarizeWith(20);
    for (const percentile of [50, 75]) {
      const row = latencyMs.percentiles.find((each) => each.percentile === percentile)!;
      for (const ms of [row.ms.low, row.ms.value, row.ms.high]) {
        expect(ms, `p${percentile}`).toBeCloseTo(LATENCY_NS / 1e6, 9);
      }
    }
  });

  it('have none in a sweep either, nor around the largest latency', () => {
    const log = logOfEqualLatencies();
    const series = log.endedUs.map((endedUs, row) => endedUs - log.plannedUs[row]!);
    const shares = [0.5, 0.75, 0.95, 0.99];
    const { effect } = seriesFigures(series);
    const estimates = quantileEstimates(new OrderStatistics(series), shares, effect);
    const sorted = Float64Array.from(series).sort();
    expect(estimates).toEqual(shares.map((share) => quantileEstimate(series, sorted, share)));
    for (const { low, high } of estimates) expect(high - low).toBeLessThan(1e-6);
  });

  it('all keep a limit that is just what they take', () => {
    expect(summarizeWith(LATENCY_NS / 1e6).slo!.attainment.value).toBe(0.9);
  });
});
