import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.js';
import { type DesignEffect, UNKNOWN_EFFECT } from '../../src/metrics/statistics/effective-trials.js';
import {
  batchCount,
  batchMeans,
  batchUncertainty,
  meanEstimate,
  notNegative,
  rateEstimate,
  replicationEstimate,
  seriesFigures,
  shareEstimate,
} from '../../src/metrics/statistics/intervals.js';
import type { Estimate } from '../../src/metrics/summary.js';
import { ar1, mm1Waits } from './log-builder.js';
import { quantileEstimate } from './quantile-estimate.js';

const RUNS = 200;
const INDEPENDENT = { factor: 1, degrees: 31 };

/** Share of the runs whose interval holds the truth, and of those that give none. */
function coverage(truth: number, run: () => Estimate) {
  let held = 0;
  let silent = 0;
  for (let i = 0; i < RUNS; i++) {
    const { low, high } = run();
    if (Number.isNaN(low)) silent++;
    else if (low <= truth && truth <= high) held++;
  }
  return { held: held / (RUNS - silent), wrong: (RUNS - silent - held) / RUNS, silent: silent / RUNS };
}

function quantileOf(series: Float64Array, p: number): Estimate {
  return quantileEstimate(series, series.slice().sort(), p);
}

describe('interval of a mean by batch means', () => {
  it.each([
    [0, 1000],
    [0.5, 1000],
    [0.9, 10_000],
  ])(
    'holds the truth in about 95 of 100 runs of an autoregression (correlation %d, %i values)',
    (correlation, count) => {
      const random = new Random(1, 2, 3);
      const { held, silent } = coverage(0, () => meanEstimate(ar1(correlation, count, random)));
      // Two standard errors of a coverage measured in 200 runs are 3 %.
      expect(held).toBeGreaterThan(0.91);
      expect(held).toBeLessThan(0.99);
      expect(silent).toBeLessThan(0.05);
    },
  );

  it('holds the mean wait of M/M/1 at 80 % load in about 95 % of runs of 20,000 customers', () => {
    const random = new Random(4, 5, 6);
    const { held } = coverage(4, () => meanEstimate(mm1Waits(0.8, 21_000, random).subarray(1000)));
    expect(held).toBeGreaterThan(0.9);
  });

  it('holds that mean in 88 % or more of runs of 2,400 customers, which see few busy spells', () => {
    const random = new Random(4, 5, 7);
    const { held, silent } = coverage(4, () => meanEstimate(mm1Waits(0.8, 3400, random).subarray(1000)));
    expect(held).toBeGreaterThanOrEqual(0.88);
    expect(silent).toBeLessThan(0.05);
  });

  it('reaches further up where the batches are skewed upwards', () => {
    const series = Float64Array.from({ length: 3200 }, (_, i) => (i % 800 === 0 ? 1000 : 1));
    const { value, low, high } = meanEstimate(series);
    expect(high - value).toBeGreaterThan(1.5 * (value - low));
  });

  it('is wider for a correlated series than for the same values in random order', () => {
    const series = ar1(0.95, 5000, new Random(7, 8, 9));
    const shuffled = Float64Array.from(series, (_, i) => series[(i * 1999) % 5000]!);
    const width = ({ low, high }: Estimate) => high - low;
    expect(width(meanEstimate(series))).toBeGreaterThan(2 * width(meanEstimate(shuffled)));
  });

  it('says NaN where there are too few values, or all batches belong to one excursion', () => {
    expect(meanEstimate([1, 2, 3]).low).toBeNaN();
    expect(meanEstimate([]).value).toBeNaN();
    expect(meanEstimate(Float64Array.from({ length: 3200 }, (_, i) => i)).low).toBeNaN();
  });

  it('is exact for a constant series', () => {
    expect(meanEstimate(new Float64Array(500).fill(3))).toEqual({ value: 3, low: 3, high: 3 });
  });

  it('takes 32 batches, fewer for short series, none for very short ones', () => {
    expect([1e6, 320, 319, 100, 80, 79].map(batchCount)).toEqual([32, 32, 16, 8, 8, 0]);
    expect(batchMeans([1, 2, 3, 4, 5], 2)).toEqual([1.5, 4]);
  });

  it('merges correlated batches, which leaves fewer degrees of freedom', () => {
    const bits = '0110100110010110';
    const steps = Array.from({ length: 32 }, (_, i) => Number(bits[i >> 1]));
    expect(batchUncertainty(steps).degrees).toBe(15);
  });
});

describe('interval of a quantile', () => {
  it.each([
    [0.5, 0],
    [0.9, 1.2816],
    [0.99, 2.3263],
  ])('holds the %d quantile of independent and of correlated values in about 95 of 100 runs', (p, truth) => {
    const random = new Random(10, 11, 12);
    for (const correlation of [0, 0.7]) {
      const { held, silent } = coverage(truth, () => quantileOf(ar1(correlation, 5000, random), p));
      expect(held).toBeGreaterThan(0.9);
      expect(silent).toBeLessThan(0.1);
    }
  });

  it('would rather say nothing than be wrong about the tail of a short M/M/1 run', () => {
    const random = new Random(13, 14, 15);
    const truth = -Math.log(0.01 / 0.9) / 0.1;
    const { wrong } = coverage(truth, () => quantileOf(mm1Waits(0.9, 7000, random).subarray(2000), 0.99));
    expect(wrong).toBeLessThan(0.08);
  });

  it('says NaN for a percentile that a handful of values cannot show', () => {
    expect(quantileOf(ar1(0, 200, new Random(1, 1, 1)), 0.999).high).toBeNaN();
  });

  it('knows a quantile that many values share', () => {
    const series = Float64Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1 : 2));
    expect(quantileOf(series, 0.99)).toEqual({ value: 2, low: 2, high: 2 });
    expect(quantileOf(new Float64Array(100).fill(5), 0.25)).toEqual({ value: 5, low: 5, high: 5 });
  });
});

describe('other intervals', () => {
  it("of replications are Student's", () => {
    // Mean 3, standard deviation sqrt(2.5), t(0.975, 4) = 2.7764.
    const { value, low, high } = replicationEstimate([1, 2, 3, 4, 5]);
    expect(value).toBe(3);
    expect(high - 3).toBeCloseTo((2.7764 * Math.sqrt(2.5)) / Math.sqrt(5), 4);
    expect(3 - low).toBeCloseTo(high - 3, 12);
    expect(replicationEstimate([7]).low).toBeNaN();
    expect(replicationEstimate([]).value).toBeNaN();
  });

  it('never reach below zero, where no rate or latency can be', () => {
    // Student's interval of [0.1, 0.1, 9] runs from -9.7.
    const estimate = replicationEstimate([0.1, 0.1, 9]);
    expect(estimate.low).toBe(0);
    expect(estimate.high).toBeGreaterThan(estimate.value);
    const rare = Float64Array.from({ length: 320 }, (_, i) => (i === 160 ? 1000 : 0.001));
    expect(meanEstimate(rare).low).toBeLessThan(0);
    expect(notNegative(meanEstimate(rare))).toMatchObject({ low: 0, high: meanEstimate(rare).high });
    expect(replicationEstimate([1]).low).toBeNaN();
  });

  it('of a share without a miss allow for the misses that were not seen', () => {
    const ones = new Float64Array(1000).fill(1);
    const { value, low, high } = shareEstimate(ones, INDEPENDENT);
    expect([value, high]).toEqual([1, 1]);
    // t(0.975, 31)² = 4.16 misses in 1000 trials.
    expect(low).toBeCloseTo(0.9959, 4);
    expect(shareEstimate(new Float64Array(1000), INDEPENDENT).high).toBeCloseTo(0.0041, 4);
    expect(shareEstimate(ones, { factor: 25, degrees: 31 }).low).toBeCloseTo(0.9058, 4);
    expect(shareEstimate(ones, UNKNOWN_EFFECT).low).toBeNaN();
  });

  it('of a share with one spell of misses know that there was only one', () => {
    const series = Float64Array.from({ length: 2400 }, (_, i) => (i >= 1000 && i < 1024 ? 0 : 1));
    expect(shareEstimate(series, INDEPENDENT).low).toBeLessThan(0.96);
  });

  it.each([
    [0.5, 0.99, 2400],
    [0.8, 0.99, 2400],
    [0.8, 0.99, 20_000],
    [0.8, 0.999, 20_000],
    [0.9, 0.99, 20_000],
  ])(
    'of the customers of M/M/1 at %d load who wait within the %d quantile hold it in 92 %% or more of runs of %i',
    (load, p, count) => {
      const random = new Random(19, 20, 21);
      const limit = -Math.log((1 - p) / load) / (1 - load);
      const { held, silent } = coverage(p, () => {
        const waits = mm1Waits(load, count + 3000, random).subarray(3000);
        return shareEstimate(
          waits.map((wait) => (wait <= limit ? 1 : 0)),
          seriesFigures(waits).effect,
        );
      });
      expect(held).toBeGreaterThanOrEqual(0.92);
      expect(silent).toBeLessThan(0.05);
    },
  );

  it('of a share of a million hardly depend on the latencies behind it', () => {
    const random = new Random(22, 23, 24);
    const series = Float64Array.from({ length: 1e6 }, () => (random.next() < 0.01 ? 0 : 1));
    const width = (effect: DesignEffect) => {
      const { low, high } = shareEstimate(series, effect);
      return high - low;
    };
    expect(width({ factor: 4, degrees: 31 })).toBeLessThan(1.05 * width(INDEPENDENT));
  });

  it('of a share stay between 0 and 1', () => {
    const series = Float64Array.from({ length: 400 }, (_, i) => (i === 200 ? 0 : 1));
    const { low, high } = shareEstimate(series, INDEPENDENT);
    expect(low).toBeGreaterThan(0.98);
    expect(high).toBeGreaterThan(0.9995);
    expect(high).toBeLessThan(1);
  });

  it('of a rate come from its slices, and few events give none', () => {
    expect(rateEstimate(new Array(32).fill(10), 0.5)).toEqual({ value: 20, low: 20, high: 20 });
    expect(rateEstimate(new Array(32).fill(1), 0.5).low).toBeNaN();
    expect(rateEstimate([], 1).value).toBeNaN();
  });

  it('of a Poisson rate hold it in about 95 % of runs', () => {
    const random = new Random(16, 17, 18);
    const { held } = coverage(10, () => {
      const counts = new Array<number>(32).fill(0);
      const gapS = () => -Math.log(random.nextOpen()) / 10;
      for (let timeS = gapS(); timeS < 32; timeS += gapS()) counts[Math.floor(timeS)]!++;
      return rateEstimate(counts, 1);
    });
    expect(held).toBeGreaterThan(0.9);
  });
});
