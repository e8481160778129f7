import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { type Random, RandomStreams } from '../../src/base/random.js';
import { fitSpread, fitSpreadToQuantiles } from '../../src/effects/service-time-variability/fit.js';
import { SPREAD_LAWS } from '../../src/effects/service-time-variability/laws.js';
import { spreadSampler } from '../../src/effects/service-time-variability/sampler.js';
import type { Spread } from '../../src/profile/profile.js';

const stream = (name: string): Random => new RandomStreams(1).get(name);

function draws(spread: Spread, count: number): number[] {
  const sampler = spreadSampler(spread);
  const random = stream(`${spread.law}`);
  return Array.from({ length: count }, () => sampler(random));
}

function meanAndCv(values: readonly number[]): readonly [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return [mean, Math.sqrt(variance) / mean];
}

describe('a sampler of the spread', () => {
  for (const law of ['lognormal', 'gamma'] as const) {
    for (const cv of [0.02, 0.3, 1]) {
      it(`has mean 1 and the asked cv: ${law} ${cv}`, () => {
        const [mean, sampledCv] = meanAndCv(draws({ law, cv }, 400_000));
        expect(Math.abs(mean - 1)).toBeLessThan((4 * cv) / Math.sqrt(400_000));
        expect(Math.abs(sampledCv / cv - 1)).toBeLessThan(0.03);
      });
    }
  }

  it('without width gives 1 and draws no numbers', () => {
    const random = stream('none');
    for (const spread of [{ law: 'none' }, { law: 'gamma', cv: 0 }, { law: 'lognormal', cv: 0 }] as const) {
      expect(spreadSampler(spread)(random)).toBe(1);
    }
    expect(random.next()).toBe(stream('none').next());
  });

  it('runs straight between empirical ratios, stays within them and has mean exactly 1', () => {
    const ratios = [0.6, 0.8, 1, 1.6];
    const sampler = spreadSampler({ law: 'empirical', ratios });
    const at = (probability: number) => sampler({ next: () => probability } as Random);
    expect([0, 0.1, 0.125, 0.25, 0.375, 0.5, 0.875, 0.999].map((p) => Number(at(p).toFixed(12)))).toEqual([
      0.6, 0.6, 0.6, 0.7, 0.8, 0.9, 1.6, 1.6,
    ]);
    const steps = 8000;
    const sum = Array.from({ length: steps }, (_, i) => at((i + 0.5) / steps)).reduce((a, b) => a + b, 0);
    expect(sum / steps).toBeCloseTo(1, 6);
  });

  it('of rounded ratios still has mean 1', () => {
    const [mean] = meanAndCv(draws({ law: 'empirical', ratios: [0.9, 0.99, 1.14] }, 100_000));
    expect(Math.abs(mean - 1)).toBeLessThan(0.001);
  });
});

describe('the laws of a spread', () => {
  it('give the quantiles and probabilities of tables', () => {
    // Chi-square with 4 degrees of freedom: 95 % point 9.4877, 50 % point 3.3567 (mean 4, cv 1/sqrt 2).
    expect(4 * SPREAD_LAWS.gamma.quantile(Math.SQRT1_2, 0.95)).toBeCloseTo(9.4877, 3);
    expect(4 * SPREAD_LAWS.gamma.quantile(Math.SQRT1_2, 0.5)).toBeCloseTo(3.3567, 3);
    // Chi-square with 40 degrees of freedom: 95 % point 55.7585.
    expect(40 * SPREAD_LAWS.gamma.quantile(Math.sqrt(1 / 20), 0.95)).toBeCloseTo(55.7585, 1);
    // Exponential: 1 - 1/e up to its mean.
    expect(SPREAD_LAWS.gamma.distribution(1, 1)).toBeCloseTo(1 - Math.exp(-1), 12);
    const sigma = Math.sqrt(Math.log(1.25));
    expect(SPREAD_LAWS.lognormal.quantile(0.5, 0.975)).toBeCloseTo(
      Math.exp(1.959964 * sigma - sigma ** 2 / 2),
      5,
    );
  });

  for (const law of ['lognormal', 'gamma'] as const) {
    it(`invert themselves: ${law}`, () => {
      for (const cv of [0.005, 0.05, 0.3, 1.2]) {
        for (const probability of [0.01, 0.5, 0.9, 0.999]) {
          const ratio = SPREAD_LAWS[law].quantile(cv, probability);
          expect(Math.abs(SPREAD_LAWS[law].distribution(cv, ratio) - probability)).toBeLessThan(0.001);
        }
      }
    });
  }
});

describe('a spread fitted to executions', () => {
  for (const law of ['lognormal', 'gamma'] as const) {
    it(`finds the law and the cv they were drawn from: ${law}`, () => {
      const spread = fitSpread(draws({ law, cv: 0.6 }, 20_000).map((ratio) => 7 * ratio));
      expect(spread).toMatchObject({ law });
      expect(Math.abs((spread as { cv: number }).cv / 0.6 - 1)).toBeLessThan(0.03);
    });
  }

  it('keeps the quantiles where no law fits: two modes', () => {
    const sample = [
      ...draws({ law: 'gamma', cv: 0.02 }, 3000),
      ...draws({ law: 'gamma', cv: 0.02 }, 1000).map((r) => 3 * r),
    ];
    const spread = fitSpread(sample);
    expect(spread.law).toBe('empirical');
    const [mean, cv] = meanAndCv((spread as { ratios: readonly number[] }).ratios);
    expect(mean).toBeCloseTo(1, 9);
    expect(Math.abs(cv - meanAndCv(sample)[1])).toBeLessThan(0.01);
  });

  it('of a sample that no law fits has mean 1, however many values there are and however far one is off', () => {
    for (const count of [51, 199, 200, 201, 301, 399, 1000]) {
      const sample = Array.from({ length: count }, (_, i) => (i === 0 ? 60 : 1 + (i % 2) / 10));
      const spread = fitSpread(sample);
      if (spread.law !== 'empirical') throw new Error(`${count} values are ${spread.law}`);
      expect(meanAndCv(spread.ratios)[0]).toBeCloseTo(1, 9);
      expect([...spread.ratios].sort((a, b) => a - b)).toEqual(spread.ratios);
    }
  });

  it('has no width when the executions have none', () => {
    expect(fitSpread([2, 2, 2])).toEqual({ law: 'none' });
    expect(fitSpread([5])).toEqual({ law: 'none' });
  });

  it('is refused for executions that are none', () => {
    for (const sample of [[], [1, 0], [1, Number.NaN], [1, Number.POSITIVE_INFINITY]]) {
      expect(() => fitSpread(sample)).toThrow(InputError);
    }
  });
});

describe('a spread fitted to published quantiles', () => {
  for (const law of ['lognormal', 'gamma'] as const) {
    it(`finds the law behind them: ${law}`, () => {
      const quantiles = [0.5, 0.9, 0.95, 0.99].map((probability) => ({
        probability,
        ratio: SPREAD_LAWS[law].quantile(0.4, probability),
      }));
      const spread = fitSpreadToQuantiles(quantiles);
      expect(spread).toMatchObject({ law });
      expect((spread as { cv: number }).cv).toBeCloseTo(0.4, 3);
    });
  }

  it('runs through them where no law fits, with mean 1', () => {
    const quantiles = [
      { probability: 0.5, ratio: 1 },
      { probability: 0.95, ratio: 1.01 },
      { probability: 0.99, ratio: 3 },
    ];
    const spread = fitSpreadToQuantiles(quantiles) as { law: string; ratios: readonly number[] };
    expect(spread.law).toBe('empirical');
    expect(meanAndCv(spread.ratios)[0]).toBeCloseTo(1, 12);
    expect(spread.ratios[99]! / spread.ratios[49]!).toBeCloseTo(3, 9);
  });

  it('is not led by one outlier among batch sizes, and has no width without quantiles', () => {
    const steady = [1.01, 1.01, 1.02, 9].map((ratio) => ({ probability: 0.99, ratio }));
    expect((fitSpreadToQuantiles(steady) as { cv: number }).cv).toBeLessThan(0.02);
    expect(fitSpreadToQuantiles([])).toEqual({ law: 'none' });
  });
});
