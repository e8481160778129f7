import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { buildTrace } from '../../src/trace/build.js';
import { describeTrace } from '../../src/trace/describe.js';
import { anyTrace } from './arbitrary-trace.js';

describe('a described trace', () => {
  test('of constant gaps has CV 0, no dispersion and its rate as its peak', () => {
    const trace = buildTrace({
      arrivalUs: Array.from({ length: 1200 }, (_, row) => row * 100_000),
      durationUs: 120e6,
    });
    const { total } = describeTrace(trace);
    expect(total).toMatchObject({
      requests: 1200,
      inferences: 1200,
      ratePerS: 10,
      peakPerS: 10,
      gaps: { meanUs: 100_000, cv: 0, minUs: 100_000, p50Us: 100_000, p99Us: 100_000, maxUs: 100_000 },
      batchSizes: [{ batchSize: 1, requests: 1200 }],
    });
    expect(total.windows).toEqual([
      { windowUs: 1e6, windows: 120, peak: 10, peakToMean: 1, indexOfDispersion: 0 },
      { windowUs: 10e6, windows: 12, peak: 100, peakToMean: 1, indexOfDispersion: 0 },
      { windowUs: 60e6, windows: 2, peak: 600, peakToMean: 1, indexOfDispersion: 0 },
    ]);
  });

  test('of a Poisson stream has CV 1 and an index of dispersion of 1 at every window', () => {
    const random = new RandomStreams(1).get('poisson');
    const arrivalUs: number[] = [];
    for (let us = 0; us < 3.6e10; us += -Math.log(random.nextOpen()) * 200_000)
      arrivalUs.push(Math.floor(us));
    const { gaps, windows } = describeTrace(buildTrace({ arrivalUs })).total;
    expect(Math.abs((gaps?.cv ?? 0) - 1)).toBeLessThan(0.01);
    expect(Math.abs((gaps?.p90Us ?? 0) / (200_000 * Math.log(10)) - 1)).toBeLessThan(0.01);
    // The index of n windows strays by √(2/n): 0.7, 2.4 and 6 percent here; three times that.
    for (const { windows: count, indexOfDispersion } of windows) {
      expect(Math.abs((indexOfDispersion ?? 0) - 1)).toBeLessThan(3 * Math.sqrt(2 / count));
    }
  });

  test('of a Poisson stream has a mean index of dispersion of 1 however few windows there are', () => {
    const indices = Array.from({ length: 1000 }, (_, seed) => {
      const random = new RandomStreams(seed).get('poisson');
      const arrivalUs: number[] = [];
      for (let us = 0; us < 3e6; us += -Math.log(random.nextOpen()) * 10_000) arrivalUs.push(Math.floor(us));
      const { windows } = describeTrace(buildTrace({ arrivalUs, durationUs: 3e6 })).total;
      return windows[0]!.indexOfDispersion!;
    });
    // Of three windows it strays by 1 (with a factor of 2/3 where the variance is over all three).
    const mean = indices.reduce((sum, index) => sum + index, 0) / indices.length;
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(1000));
  });

  test('has its peak wherever the second begins', () => {
    const arrivalUs = [0, 900_000, 950_000, 1_000_000, 1_050_000, 1_899_999, 1_900_000];
    expect(describeTrace(buildTrace({ arrivalUs })).total.peakPerS).toBe(5);
  });

  test('counts batch sizes and inferences', () => {
    const { total } = describeTrace(buildTrace({ arrivalUs: [0, 1, 2], batchSize: [8, 1, 8] }));
    expect(total.inferences).toBe(17);
    expect(total.batchSizes).toEqual([
      { batchSize: 1, requests: 1 },
      { batchSize: 8, requests: 2 },
    ]);
  });

  test('counts one inference where the trace does not say, whether in one row or in all', () => {
    const { total } = describeTrace(buildTrace({ arrivalUs: [0, 1, 2], batchSize: [0, 1, 8] }));
    expect(total.inferences).toBe(10);
    expect(total.batchSizes).toEqual([
      { batchSize: 1, requests: 2 },
      { batchSize: 8, requests: 1 },
    ]);
    expect(describeTrace(buildTrace({ arrivalUs: [0, 1, 2] })).total.inferences).toBe(3);
  });

  test('has null where so few requests give no figure', () => {
    const { total, tenants } = describeTrace(buildTrace({ arrivalUs: [0], tenants: ['a', 'idle'] }));
    expect(total).toMatchObject({ ratePerS: null, gaps: null, peakPerS: 1 });
    expect(total.windows[0]).toEqual({
      windowUs: 1e6,
      windows: 0,
      peak: 0,
      peakToMean: null,
      indexOfDispersion: null,
    });
    expect(tenants[1]).toMatchObject({
      tenant: 'idle',
      requests: 0,
      inferences: 0,
      peakPerS: 0,
      batchSizes: [],
    });
    expect(describeTrace(buildTrace({ arrivalUs: [5, 5] })).total.gaps?.cv).toBeNull();
  });

  test('adds up over its tenants and holds no NaN', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const { total, tenants } = describeTrace(trace);
        const sum = (pick: (tenant: (typeof tenants)[number]) => number) =>
          tenants.reduce((all, each) => all + pick(each), 0);
        expect(sum((each) => each.requests)).toBe(total.requests);
        expect(sum((each) => each.inferences)).toBe(total.inferences);
        // JSON writes NaN as null, so only a description without NaN survives the way there and back.
        expect(JSON.parse(JSON.stringify({ total, tenants }))).toEqual({ total, tenants });
      }),
    );
  });
});
