import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatorHealth, isBehind, lagBySpan } from '../../../src/live/load/health.js';
import { emptyColumns } from '../../../src/live/load/request-rows.js';
import { noteGap } from '../../../src/live/load/stall-meter.js';

const CALM = { count: 0, longestMs: 0, totalMs: 0 };

/** A run of 10 s at 1000 requests a second, each answered in 4 ms, of which `lagUs(dueUs)` were sent late. */
function health(lagUs: (dueUs: number) => number, stalls = CALM, latencyUs = 4000) {
  const requests = emptyColumns(10_000);
  for (let row = 0; row < 10_000; row++) {
    const dueUs = row * 1000;
    requests.plannedUs[row] = dueUs;
    requests.dueUs[row] = dueUs;
    requests.sentUs[row] = dueUs + lagUs(dueUs);
    requests.endedUs[row] = dueUs + lagUs(dueUs) + latencyUs;
  }
  return generatorHealth(requests, 10e6, stalls);
}

describe('the health of a generator', () => {
  it('that is punctual is good', () => {
    const { lagMs, fellBehind, verdict } = health(() => 50);
    expect(lagMs).toEqual({ p50: 0.05, p99: 0.05, max: 0.05 });
    expect(fellBehind).toBe(false);
    expect(verdict).toBe('the load generator kept its schedule (lag p50 0.05, p99 0.05, max 0.05 ms)');
  });

  it('that is a thousandth too slow for the rate shows', () => {
    const { fellBehind, verdict } = health((dueUs) => dueUs / 1000);
    expect(fellBehind).toBe(true);
    expect(verdict).toMatch(/^the load generator fell behind its schedule \(median lag up to 9\.\d ms/);
  });

  it('that falls behind in the last fifth only shows', () => {
    expect(health((dueUs) => Math.max(0, dueUs - 8e6) / 10).fellBehind).toBe(true);
  });

  it('that is disturbed by stalls and catches up is not behind, but says so', () => {
    const stalls = { count: 10, longestMs: 40, totalMs: 400 };
    const { fellBehind, verdict } = health((dueUs) => Math.max(0, 40_000 - (dueUs % 1e6)), stalls);
    expect(fellBehind).toBe(false);
    expect(verdict).toMatch(
      /kept up, but late requests disturb.*stood still 10 times for 400 ms in all, 40\.0 ms at most$/,
    );
  });

  it('is judged by what the latency is: what is much beside 4 ms is little beside 400 ms', () => {
    expect(health(() => 20_000).fellBehind).toBe(true);
    expect(health(() => 20_000, CALM, 400_000).fellBehind).toBe(false);
  });

  it('of a run in which nothing was sent is said in words', () => {
    const { fellBehind, verdict } = generatorHealth(emptyColumns(0), 1e6, CALM);
    expect(fellBehind).toBe(false);
    expect(verdict).toBe('nothing was sent');
  });
});

describe('the rule for falling behind', () => {
  it('is monotone: more lag never makes a run better', () => {
    const spans = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 20 });
    const property = fc.property(
      spans,
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      fc.nat(),
      (lags, latency, at) => {
        const more = lags.map((lag, i) => (i === at % lags.length ? lag * 2 + 1 : lag));
        expect(Number(isBehind(more, latency))).toBeGreaterThanOrEqual(Number(isBehind(lags, latency)));
      },
    );
    fc.assert(property);
  });

  it('leaves out spans in which nothing was due', () => {
    expect(isBehind([Number.NaN, Number.NaN, 30, Number.NaN], 1)).toBe(true);
    expect(isBehind([Number.NaN, 0.1], 1)).toBe(false);
    expect(isBehind([], 1)).toBe(false);
  });

  it('takes the median of each twentieth of the run', () => {
    const dueUs = Float64Array.of(0, 1, 2, 99, 100);
    const lagUs = Float64Array.of(1000, 9000, 2000, 5000, Number.NaN);
    const spans = lagBySpan({ dueUs, lagUs, endUs: 100 });
    expect(spans).toHaveLength(20);
    expect(spans[0]).toBe(2);
    expect(spans[19]).toBe(5);
  });
});

it('the stall meter counts what is later than 5 ms, and by how much', () => {
  const memory = new Float64Array(4);
  for (const gapMs of [1, 1.2, 5.9, 7, 21]) noteGap(memory, gapMs);
  expect(Array.from(memory)).toEqual([2, 20, 26, 0]);
});
