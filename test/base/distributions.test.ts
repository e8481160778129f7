import { describe, expect, it } from 'vitest';
import {
  exponential,
  gamma,
  gammaFn,
  logGammaFn,
  lognormal,
  lognormalParameters,
  normal,
  WEIBULL_CV_RANGE,
  weibull,
  weibullShapeForCv,
  weibullUnitMean,
} from '../../src/base/distributions.js';
import { Random, RandomStreams } from '../../src/base/random.js';
import {
  draw,
  expectMean,
  expectToFollow,
  exponentialCdf,
  gammaCdf,
  normalCdf,
  weibullCdf,
  weibullMoment,
} from './distribution-laws.js';

const COUNT = 200_000;

function sampleOf(name: string, next: (random: Random) => number): Float64Array {
  const random = new RandomStreams(20).get(name);
  return draw(COUNT, () => next(random));
}

/** Holds mean and second moment to the law's, within four standard errors. */
function expectMoments(sample: Float64Array, moment: (power: number) => number): void {
  for (const power of [1, 2]) {
    const deviation = Math.sqrt(moment(2 * power) - moment(power) ** 2);
    expectMean(
      sample.map((x) => x ** power),
      moment(power),
      deviation,
    );
  }
}

describe('exponential', () => {
  it('has the mean, the second moment and the curve of its law', () => {
    const sample = sampleOf('exponential', (random) => exponential(random, 3));
    expectMoments(sample, (power) => 3 ** power * gammaFn(1 + power));
    expectToFollow(sample, exponentialCdf(3));
  });

  it('goes on beyond the last of the 32 bits instead of being cut there', () => {
    const random = scripted([0, 0, 2 ** 31]);
    expect(exponential(random, 1)).toBeCloseTo(65 * Math.LN2, 8);
  });
});

describe('normal', () => {
  it('has the moments and the curve of its law', () => {
    const sample = sampleOf('normal', (random) => normal(random, 5, 2)).map((x) => (x - 5) / 2);
    expectMean(sample, 0, 1);
    expectMean(
      sample.map((x) => x ** 2),
      1,
      Math.SQRT2,
    );
    expectMean(
      sample.map((x) => x ** 4),
      3,
      Math.sqrt(96),
    );
    expectToFollow(sample, normalCdf);
  });

  it('reaches beyond 3.65 deviations, where the tail has its own algorithm, as often as it should', () => {
    const random = new RandomStreams(1).get('tail');
    const tail: number[] = [];
    for (let i = 0; i < 4_000_000; i++) {
      const x = normal(random);
      if (Math.abs(x) > 3.7) tail.push(Math.abs(x));
    }
    const expected = 4_000_000 * 2.156e-4;
    expect(Math.abs(tail.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
    const share = tail.filter((x) => x > 4).length / tail.length;
    expect(Math.abs(share - 6.3342e-5 / 2.156e-4)).toBeLessThan(4 * Math.sqrt(0.21 / tail.length));
    expect(tail.every(Number.isFinite)).toBe(true);
  });
});

describe('lognormal', () => {
  it('has the mean and coefficient of variation that were asked for', () => {
    const parameters = lognormalParameters(4, 0.5);
    const sample = sampleOf('lognormal', (random) => lognormal(random, parameters));
    expectMean(sample, 4, 2);
    expectToFollow(
      sample.map((x) => (Math.log(x) - parameters.logMean) / parameters.logDeviation),
      normalCdf,
    );
  });
});

describe('gamma', () => {
  it.each([0.04, 0.25, 0.9, 1, 1.5, 4, 100])(
    'has the moments and the curve of its law at shape %d',
    (shape) => {
      const sample = sampleOf(`gamma ${shape}`, (random) => gamma(random, shape, 2));
      expectMoments(sample, (power) => 2 ** power * Math.exp(logGammaFn(shape + power) - logGammaFn(shape)));
      expectToFollow(sample, gammaCdf(shape, 2));
    },
  );
});

describe('weibull', () => {
  it.each([0.4, 0.8, 1, 2, 10])('has the moments and the curve of its law at shape %d', (shape) => {
    const sample = sampleOf(`weibull ${shape}`, (random) => weibull(random, shape, 2));
    expectMoments(sample, (power) => 2 ** power * weibullMoment(shape, power));
    expectToFollow(sample, weibullCdf(shape, 2));
  });

  it('finds the shape for a coefficient of variation, to ten digits', () => {
    for (const cv of [0.001, 0.01, 0.1, 0.5, 0.9, 1, 1.1, 2, 5, 20, 100, 1e4]) {
      const shape = weibullShapeForCv(cv);
      const squaredCv = Math.expm1(logGammaFn(1 + 2 / shape) - 2 * logGammaFn(1 + 1 / shape));
      expect(Math.sqrt(squaredCv) / cv).toBeCloseTo(1, cv < 0.01 ? 6 : 9);
    }
    expect(weibullShapeForCv(1)).toBeCloseTo(1, 12);
  });

  it('knows Rayleigh: shape 2 has cv √(4/π - 1)', () => {
    expect(weibullShapeForCv(Math.sqrt(4 / Math.PI - 1))).toBeCloseTo(2, 12);
    expect(weibullUnitMean(2)).toBeCloseTo(Math.sqrt(Math.PI) / 2, 14);
  });

  it.each([0, -1, NaN, Infinity, WEIBULL_CV_RANGE.min / 2, WEIBULL_CV_RANGE.max * 2])(
    'refuses cv %d',
    (cv) => {
      expect(() => weibullShapeForCv(cv)).toThrow(RangeError);
    },
  );
});

describe('gammaFn', () => {
  it('knows factorials and Γ(1/2) = √π', () => {
    for (const [x, expected] of [
      [1, 1],
      [5, 24],
      [11, 3_628_800],
      [0.5, Math.sqrt(Math.PI)],
      [1.5, Math.sqrt(Math.PI) / 2],
    ] as const) {
      expect(gammaFn(x) / expected).toBeCloseTo(1, 13);
    }
  });
});

/** A source that draws these numbers. */
function scripted(draws: number[]): Random {
  const random = new Random(1, 2, 3);
  random.nextUint32 = () => draws.shift() ?? 0;
  return random;
}
