import { describe, expect, it } from 'vitest';
import { summarizeWithLatencies } from '../../src/metrics/summarize.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { littleCheck } from '../support/little.js';
import { buildLog, mm1Log } from './log-builder.js';

function seriesOf(log: RequestLog, size: { cdfPoints?: number; slices?: number }, warmUpUs = 0) {
  const run = { scenarioName: 'x', seed: 1, warmUpUs, tenants: [], log };
  return summarizeWithLatencies(run, { cdfPoints: 2, slices: 1, ...size }).series[0]!;
}

describe('time line', () => {
  const log = buildLog(
    [
      { plannedUs: 0, startedUs: 1_000_000, endedUs: 2_000_000 },
      { plannedUs: 500_000, sentUs: 500_000, startedUs: 2_000_000, endedUs: 3_000_000 },
      { plannedUs: 3_000_000, endedUs: 3_000_000, outcome: Outcome.rejected },
      { plannedUs: 3_500_000 },
    ],
    4_000_000,
  );
  const line = seriesOf(log, { slices: 4 }).timeline;

  it('shows who is in the system and in the queue, and what is completed, slice by slice', () => {
    expect(line.bins.map(({ timeS }) => timeS)).toEqual([0, 1, 2, 3]);
    expect(line.bins.map(({ inSystem }) => inSystem)).toEqual([1.5, 2, 1, 0.5]);
    expect(line.bins.map(({ queued }) => queued)).toEqual([1.5, 1, 0, 0.5]);
    expect(line.bins.map(({ throughputPerS }) => throughputPerS)).toEqual([0, 0, 1, 1]);
    expect(line.bins.map(({ p99Ms }) => p99Ms)).toEqual([NaN, NaN, 2000, 2500]);
  });

  it('holds every completed request once', () => {
    const queue = mm1Log({ load: 0.8, arrivals: 3000, seed: 1 });
    const { bins } = seriesOf(queue, { slices: 50 }).timeline;
    const completed = bins.reduce((sum, bin) => sum + (bin.throughputPerS * queue.endUs) / 50 / 1e6, 0);
    expect(completed).toBeCloseTo(queue.outcome.filter((outcome) => outcome === Outcome.completed).length, 6);
  });
});

describe('latency distribution', () => {
  it('ascends in both, from the fastest to the slowest request after the warm-up', () => {
    const log = mm1Log({ load: 0.5, arrivals: 5000, seed: 2 });
    const { points } = seriesOf(log, { cdfPoints: 101 }, 0.1 * log.endUs).cdf;
    for (let i = 1; i < points.length; i++) {
      expect(points[i]!.ms).toBeGreaterThanOrEqual(points[i - 1]!.ms);
      expect(points[i]!.share).toBeGreaterThan(points[i - 1]!.share);
    }
    expect([points[0]!.share, points.at(-1)!.share]).toEqual([0, 1]);
    expect(points.find(({ share }) => share === 0.5)!.ms).toBeCloseTo(2 * Math.LN2, 0);
  });

  it('has no points for a tenant without completed requests', () => {
    expect(seriesOf(buildLog([], 1000), { cdfPoints: 10 }).cdf.points).toEqual([]);
  });
});

describe("Little's law", () => {
  it('holds to rounding on a queue, unfinished requests included', () => {
    const { meanInSystem, relativeGap } = littleCheck(mm1Log({ load: 0.8, arrivals: 50_000, seed: 3 }));
    expect(relativeGap).toBeLessThan(1e-6);
    expect(meanInSystem).toBeGreaterThan(3);
    expect(meanInSystem).toBeLessThan(5);
  });

  it('shows when the recorded parts do not add up to the latency', () => {
    const log = mm1Log({ load: 0.8, arrivals: 1000, seed: 4 });
    log.calls.inferUs.fill(0);
    expect(littleCheck(log).relativeGap).toBeGreaterThan(0.05);
  });

  it('is trivially true of an empty run', () => {
    expect(littleCheck(buildLog([], 1000)).relativeGap).toBe(0);
    expect(littleCheck(buildLog([], 0)).relativeGap).toBe(0);
  });
});
