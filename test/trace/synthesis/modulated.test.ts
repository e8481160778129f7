import { mean, variance } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { meanRatePerS } from '../../../src/trace/synthesis/mean-rate.js';
import {
  burstyStates,
  mmppMeanRatePerS,
  mmppSegments,
  onOffStates,
} from '../../../src/trace/synthesis/mmpp.js';
import type { MmppState } from '../../../src/trace/synthesis/process.js';
import { draw, expectToFollow, exponentialCdf } from '../../base/distribution-laws.js';
import { arrivalsOf, countsPerWindow } from './helpers.js';

type TwoStates = readonly [MmppState, MmppState];

/**
 * Index of dispersion for counts (variance over mean) of a two-state MMPP in windows of `windowS`
 * (Fischer and Meier-Hellstern 1993, "The Markov-modulated Poisson process (MMPP) cookbook", with
 * the integral of the rate's covariance carried out for a finite window).
 */
function indexOfDispersion([a, b]: TwoStates, windowS: number): number {
  const r1 = 1 / a.meanDwellS;
  const r2 = 1 / b.meanDwellS;
  const r = r1 + r2;
  const meanRate = (a.ratePerS * r2 + b.ratePerS * r1) / r;
  const rateVariance = ((a.ratePerS - b.ratePerS) ** 2 * r1 * r2) / r ** 2;
  return 1 + ((2 * rateVariance) / (meanRate * r)) * (1 + Math.expm1(-r * windowS) / (r * windowS));
}

const CASES: readonly [string, TwoStates][] = [
  ['two rates', [mmpp(5, 2), mmpp(40, 0.5)]],
  ['on and off', onOffStates({ onRatePerS: 50, meanOnS: 0.5, meanOffS: 1 })],
  ['bursty', burstyStates({ ratePerS: 20, burstRatio: 8, burstShare: 0.1, meanBurstS: 0.3 })],
];

function mmpp(ratePerS: number, meanDwellS: number): MmppState {
  return { ratePerS, meanDwellS };
}

describe('an MMPP', () => {
  const durationS = 40_000;

  it.each(CASES)('%s: offers its stationary mean rate (within 4 standard errors)', (_, states) => {
    const arrivals = arrivalsOf({ kind: 'mmpp', states }, durationS);
    const expected = mmppMeanRatePerS(states) * durationS;
    const error = 4 * Math.sqrt(expected * indexOfDispersion(states, durationS));
    expect(Math.abs(arrivals.length - expected)).toBeLessThan(error);
  });

  it.each(CASES)(
    '%s: has the closed form index of dispersion in windows of 0.1, 1 and 10 s (within 6 %%)',
    (_, states) => {
      const arrivals = arrivalsOf({ kind: 'mmpp', states }, durationS);
      for (const windowS of [0.1, 1, 10]) {
        const counts = Array.from(countsPerWindow(arrivals, durationS, windowS));
        const measured = variance(counts) / mean(counts);
        expect(Math.abs(measured / indexOfDispersion(states, windowS) - 1)).toBeLessThan(0.06);
      }
    },
  );

  it('starts in its stationary state: the mean rate holds in the first moments, over many runs', () => {
    const states = [mmpp(10, 9), mmpp(1000, 1)];
    const runs = 4000;
    const counts = Array.from(
      { length: runs },
      (_, seed) => arrivalsOf({ kind: 'mmpp', states }, 0.05, seed).length,
    );
    const error = 4 * Math.sqrt(variance(counts) / runs);
    expect(Math.abs(mean(counts) - 0.05 * 109)).toBeLessThan(error);
  });

  it('dwells exponential times and enters each of the other states equally often', () => {
    const states = [mmpp(1, 2), mmpp(2, 3), mmpp(3, 4)];
    const path = mmppSegments(states, new RandomStreams(2).get('path'));
    const visits = Array.from({ length: 30_000 }, () => path.next().value!);
    const stateOf = (perUs: number) => Math.round(perUs * 1e6) - 1;
    const jumps = new Map<string, number>();
    visits.slice(1).forEach((visit, i) => {
      const jump = `${stateOf(visits[i]!.startPerUs)}>${stateOf(visit.startPerUs)}`;
      jumps.set(jump, (jumps.get(jump) ?? 0) + 1);
    });
    expect([...jumps.keys()].sort()).toEqual(['0>1', '0>2', '1>0', '1>2', '2>0', '2>1']);
    for (const count of jumps.values()) expect(Math.abs(count - 5000)).toBeLessThan(4 * Math.sqrt(5000));
    states.forEach((state, i) => {
      const dwells = visits
        .filter((visit) => stateOf(visit.startPerUs) === i)
        .map((visit) => visit.lengthUs / 1e6);
      expectToFollow(Float64Array.from(dwells), exponentialCdf(state.meanDwellS));
    });
  });
});

describe('what an MMPP is made from', () => {
  it('bursty: the mean rate, the ratio of rates and the share of bursts are those that were asked for', () => {
    const [calm, burst] = burstyStates({ ratePerS: 20, burstRatio: 8, burstShare: 0.1, meanBurstS: 0.3 });
    expect(mmppMeanRatePerS([calm, burst])).toBeCloseTo(20, 12);
    expect(burst.ratePerS / calm.ratePerS).toBeCloseTo(8, 12);
    expect(burst.meanDwellS / (burst.meanDwellS + calm.meanDwellS)).toBeCloseTo(0.1, 12);
    expect(burst.meanDwellS).toBe(0.3);
  });

  it('on and off: a third of the time on at 300/s is 100/s', () => {
    expect(meanRatePerS({ kind: 'onOff', onRatePerS: 300, meanOnS: 1, meanOffS: 2 }, 10)).toBeCloseTo(
      100,
      12,
    );
  });

  it('on and off: requests come only in runs, with silence of the mean length between', () => {
    const arrivals = arrivalsOf({ kind: 'onOff', onRatePerS: 1000, meanOnS: 1, meanOffS: 5 }, 20_000);
    const silences = draw(arrivals.length - 1, gapAt(arrivals)).filter((gap) => gap > 50_000);
    const expected = 5e6;
    expect(Math.abs(mean(Array.from(silences)) - 50_000 - expected) / expected).toBeLessThan(
      4 / Math.sqrt(silences.length),
    );
  });
});

function gapAt(arrivals: Float64Array): () => number {
  let i = 0;
  return () => arrivals[++i]! - arrivals[i - 1]!;
}
