import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { weibullShapeForCv } from '../../../src/base/distributions.js';
import { RandomStreams } from '../../../src/base/random.js';
import { arrivalStream } from '../../../src/trace/synthesis/arrival-stream.js';
import { gammaGap, weibullGap } from '../../../src/trace/synthesis/gaps.js';
import type { ArrivalProcess } from '../../../src/trace/synthesis/process.js';
import {
  type Cdf,
  coefficientOfVariation,
  draw,
  expectMean,
  expectToFollow,
  exponentialCdf,
  gammaCdf,
  gapsBetween,
  weibullCdfOfMean,
} from '../../base/distribution-laws.js';
import { someOf } from '../../support/cases.js';
import { arrivalsOf } from './helpers.js';

const RATE_PER_S = 2;
const MEAN_US = 1e6 / RATE_PER_S;
const DURATION_S = 100_000;

const gammaLaw = (cv: number): Cdf => gammaCdf(1 / cv ** 2, MEAN_US * cv ** 2);
const weibullLaw = (cv: number): Cdf => weibullCdfOfMean(weibullShapeForCv(cv), MEAN_US);

/** Process, coefficient of variation of its gaps, their law. The last column widens the CV's tolerance for heavy tails. */
const PROCESSES: readonly [ArrivalProcess, number, Cdf, number][] = [
  [{ kind: 'poisson', ratePerS: RATE_PER_S }, 1, exponentialCdf(MEAN_US), 0.01],
  [{ kind: 'gamma', ratePerS: RATE_PER_S, cv: 0.2 }, 0.2, gammaLaw(0.2), 0.01],
  [{ kind: 'gamma', ratePerS: RATE_PER_S, cv: 1 }, 1, gammaLaw(1), 0.01],
  [{ kind: 'gamma', ratePerS: RATE_PER_S, cv: 4 }, 4, gammaLaw(4), 0.03],
  [{ kind: 'weibull', ratePerS: RATE_PER_S, cv: 0.2 }, 0.2, weibullLaw(0.2), 0.01],
  [{ kind: 'weibull', ratePerS: RATE_PER_S, cv: 1 }, 1, weibullLaw(1), 0.01],
  [{ kind: 'weibull', ratePerS: RATE_PER_S, cv: 3 }, 3, weibullLaw(3), 0.06],
];

describe('a renewal process', () => {
  it.each(someOf(PROCESSES))(
    '%o offers its rate, gap variation and gap law',
    (process, cv, cdf, cvTolerance) => {
      const arrivals = arrivalsOf(process, DURATION_S);
      const gaps = gapsBetween(arrivals);
      expectMean(gaps, MEAN_US, cv * MEAN_US);
      expect(Math.abs(coefficientOfVariation(gaps) / cv - 1)).toBeLessThan(cvTolerance);
      expectGapsToFollow(gaps, cdf);
      const countError = arrivals.length - RATE_PER_S * DURATION_S;
      expect(Math.abs(countError)).toBeLessThan(4 * cv * Math.sqrt(RATE_PER_S * DURATION_S));
    },
  );

  it.each(
    someOf([
      { kind: 'gamma', ratePerS: 2, cv: 4 },
      { kind: 'constant', ratePerS: 2 },
      { kind: 'poisson', ratePerS: 2 },
      { kind: 'gamma', ratePerS: 2, cv: 0.3 },
      { kind: 'weibull', ratePerS: 2, cv: 3 },
      { kind: 'weibull', ratePerS: 2, cv: 0.3 },
    ] as const),
  )('%o offers its rate from the first second, not only in the long run', (process) => {
    const streams = new RandomStreams('short');
    const block = new Float64Array(1000);
    let i = 0;
    const counts = draw(40_000, () =>
      arrivalStream({ process, durationS: 1, random: streams.get(`run ${i++}`) }).fill(block),
    );
    const deviation = Math.sqrt(mean(Array.from(counts, (count) => (count - 2) ** 2)));
    expectMean(counts, 2, Math.max(deviation, 0.01));
  });

  it('does not cut off long gaps: of 200,000 Poisson gaps about e^-8 exceed eight means', () => {
    const gaps = gapsBetween(arrivalsOf({ kind: 'poisson', ratePerS: RATE_PER_S }, DURATION_S));
    const long = gaps.filter((gap) => gap > 8 * MEAN_US).length;
    const expected = gaps.length * Math.exp(-8);
    expect(Math.abs(long - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });
});

describe('a constant process', () => {
  it('never drifts, though a gap is no whole number of microseconds', () => {
    const arrivals = arrivalsOf({ kind: 'constant', ratePerS: 3, phase: 0 }, 100_000);
    expect(arrivals.length).toBe(300_000);
    expect(Array.from(arrivals.subarray(0, 5))).toEqual([0, 333333, 666667, 1000000, 1333333]);
    expect(arrivals.every((us, i) => us === Math.round((i * 1e6) / 3))).toBe(true);
  });

  it('starts anywhere within a gap where no phase is given, and has rate × duration requests all the same', () => {
    const starts = draw(
      2000,
      nextSeed((seed) => arrivalsOf({ kind: 'constant', ratePerS: 10 }, 1, seed)[0]! / 1e5),
    );
    expectToFollow(starts, (x) => Math.min(1, Math.max(0, x)));
    expect(arrivalsOf({ kind: 'constant', ratePerS: 10 }, 7)).toHaveLength(70);
  });

  it('can send faster than once in a microsecond', () => {
    const arrivals = arrivalsOf({ kind: 'constant', ratePerS: 4e6, phase: 0 }, 0.001);
    expect(arrivals).toHaveLength(3998);
    expect(arrivals[8]).toBe(2);
  });
});

describe('gaps', () => {
  const random = new RandomStreams(5).get('gaps');

  it('have the mean that was asked for, in microseconds with a fraction', () => {
    expectMean(
      draw(100_000, () => gammaGap(random, 0.3, 2)),
      0.3,
      0.6,
    );
    expectMean(
      draw(100_000, () => weibullGap(random, 0.3, 0.5)),
      0.3,
      0.15,
    );
  });

  it('may change coefficient of variation from draw to draw', () => {
    const mixed = draw(20_000, () => (weibullGap(random, 1, 0.5) + weibullGap(random, 1, 2)) / 2);
    expectMean(mixed, 1, Math.sqrt(0.25 + 4) / 2);
  });
});

/** Below a millisecond the law is blurred by the rounding to microseconds; there, only the share is held. */
function expectGapsToFollow(gaps: Float64Array, cdf: Cdf): void {
  const below = cdf(1000.5);
  const long = gaps.filter((gap) => gap > 1000);
  const shareError = 1 - long.length / gaps.length - below;
  expect(Math.abs(shareError)).toBeLessThan(4 * Math.sqrt(below / gaps.length) + 1e-6);
  expectToFollow(long, (us) => (cdf(us) - below) / (1 - below));
}

function nextSeed(at: (seed: number) => number): () => number {
  let seed = 0;
  return () => at(seed++);
}
