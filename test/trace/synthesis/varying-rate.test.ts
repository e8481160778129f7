import { describe, expect, it } from 'vitest';
import { meanRatePerS } from '../../../src/trace/synthesis/mean-rate.js';
import type {
  CountsProcess,
  DiurnalProcess,
  FlashCrowdProcess,
  RampProcess,
} from '../../../src/trace/synthesis/process.js';
import {
  coefficientOfVariation,
  expectMean,
  expectToFollow,
  exponentialCdf,
  gammaCdf,
  gapsBetween,
} from '../../base/distribution-laws.js';
import { arrivalsOf, countsPerWindow } from './helpers.js';

type VaryingProcess = DiurnalProcess | FlashCrowdProcess | RampProcess | CountsProcess;

const DIURNAL: DiurnalProcess = {
  kind: 'diurnal',
  meanRatePerS: 5,
  amplitude: 0.8,
  periodS: 86_400,
  peakAtS: 50_400,
};
const DEEP: DiurnalProcess = { kind: 'diurnal', meanRatePerS: 5, amplitude: 1, periodS: 600, peakAtS: 100 };
const FLASH: FlashCrowdProcess = {
  kind: 'flashCrowd',
  baseRatePerS: 1,
  peakRatePerS: 40,
  startS: 4000,
  rampUpS: 600,
  holdS: 2000,
  decayS: 3000,
};
const RAMP: RampProcess = { kind: 'ramp', fromRatePerS: 0, toRatePerS: 20 };
const FALL: RampProcess = { kind: 'ramp', fromRatePerS: 20, toRatePerS: 0 };
const COUNTS: CountsProcess = { kind: 'counts', counts: [30, 0, 300, 5, 90, 0], binS: 60, repeat: true };

/** Rates written out once more, apart from the code under test. */
function rateAt(process: VaryingProcess, t: number, durationS: number): number {
  switch (process.kind) {
    case 'diurnal':
      return (
        process.meanRatePerS *
        (1 + process.amplitude * Math.cos((2 * Math.PI * (t - process.peakAtS)) / process.periodS))
      );
    case 'flashCrowd': {
      const { baseRatePerS, peakRatePerS, startS, rampUpS, holdS, decayS } = process;
      const sinceStart = t - startS;
      const height = Math.max(
        0,
        Math.min(1, sinceStart / rampUpS, (rampUpS + holdS + decayS - sinceStart) / decayS),
      );
      return baseRatePerS + (peakRatePerS - baseRatePerS) * height;
    }
    case 'ramp':
      return process.fromRatePerS + (process.toRatePerS - process.fromRatePerS) * (t / durationS);
    case 'counts':
      return process.counts[Math.floor(t / process.binS) % process.counts.length]! / process.binS;
  }
}

/** Expected arrivals until each of the (sorted) times: Simpson's rule between neighbours, cut at whole seconds. */
function operationalTimes(process: VaryingProcess, durationS: number, arrivalUs: Float64Array): Float64Array {
  const rate = (t: number) => rateAt(process, t, durationS);
  let at = 0;
  let sum = 0;
  return arrivalUs.map((us) => {
    const goal = us / 1e6;
    while (at < goal) {
      const next = Math.min(goal, Math.floor(at + 1));
      const inside = next - 1e-9;
      sum += ((next - at) / 6) * (rate(at) + 4 * rate((at + next) / 2) + rate(Math.max(at, inside)));
      at = next;
    }
    return sum;
  });
}

const CASES: readonly [string, VaryingProcess, number][] = [
  ['diurnal', DIURNAL, 20_000],
  ['diurnal down to 0', DEEP, 12_000],
  ['flash crowd', FLASH, 12_000],
  ['rising ramp', RAMP, 6000],
  ['falling ramp', FALL, 6000],
  ['counts', COUNTS, 30_000],
];

describe('a process with a varying rate', () => {
  it.each(CASES)(
    '%s: gaps in operational time are Exp(1) (time-rescaling theorem)',
    (_, process, durationS) => {
      const gaps = gapsBetween(operationalTimes(process, durationS, arrivalsOf(process, durationS)));
      expect(gaps.length).toBeGreaterThan(20_000);
      expectMean(gaps, 1, 1);
      expectToFollow(gaps, exponentialCdf(1));
    },
  );

  it.each(CASES)('%s: gaps in operational time have the law that was asked for', (_, process, durationS) => {
    const arrivals = arrivalsOf({ ...process, gaps: { law: 'gamma', cv: 0.5 } }, durationS);
    const gaps = gapsBetween(operationalTimes(process, durationS, arrivals));
    expectMean(gaps, 1, 0.5);
    expect(coefficientOfVariation(gaps)).toBeCloseTo(0.5, 2);
    expectToFollow(gaps, gammaCdf(4, 0.25));
  });

  it.each(CASES)(
    '%s: evenly spaced in operational time, every arrival is where the integral of the rate says',
    (...row) => {
      const [, process, durationS] = row;
      const arrivals = arrivalsOf({ ...process, gaps: { law: 'constant', phase: 0.5 } }, durationS);
      const times = operationalTimes(process, durationS, arrivals);
      const worst = times.reduce((most, time, i) => Math.max(most, Math.abs(time - i - 0.5)), 0);
      expect(worst).toBeLessThan(1e-4);
    },
  );

  it.each(CASES)(
    '%s: meanRatePerS is the integral of the rate, and what is offered',
    (_, process, durationS) => {
      const [total] = operationalTimes(process, durationS, Float64Array.of(durationS * 1e6));
      expect(meanRatePerS(process, durationS) / (total! / durationS)).toBeCloseTo(1, 6);
      const arrivals = arrivalsOf(process, durationS);
      expect(Math.abs(arrivals.length - total!)).toBeLessThan(4 * Math.sqrt(total!));
    },
  );
});

describe('a diurnal process', () => {
  it('has the hourly profile of its cosine, day after day', () => {
    const days = 3;
    const counts = countsPerWindow(arrivalsOf(DIURNAL, days * 86_400), days * 86_400, 3600);
    counts.forEach((count, hour) => {
      const [from, to] = operationalTimes(DIURNAL, 0, Float64Array.of(hour * 3.6e9, (hour + 1) * 3.6e9));
      expect(Math.abs(count - (to! - from!))).toBeLessThan(4.5 * Math.sqrt(to! - from!));
    });
    const firstDay = counts.subarray(0, 24);
    expect([13, 14]).toContain(firstDay.indexOf(Math.max(...firstDay)));
  });

  it('peaks where it was told to, though that is many periods on', () => {
    const near = arrivalsOf({ ...DEEP, peakAtS: 100 }, 1200);
    expect(arrivalsOf({ ...DEEP, peakAtS: 100 + 600 * 50 }, 1200)).toEqual(near);
  });
});

describe('a flash crowd', () => {
  it('has its base rate before, its peak rate while it holds, and its base rate after', () => {
    const counts = countsPerWindow(arrivalsOf(FLASH, 12_000), 12_000, 1000);
    const perSecond = Array.from(counts, (count) => count / 1000);
    expect(perSecond[0]).toBeCloseTo(1, 0);
    expect(Math.abs(perSecond[5]! - 40)).toBeLessThan(4 * Math.sqrt(40 / 1000));
    expect(perSecond[11]).toBeCloseTo(1, 0);
  });

  it('may jump at once, and start from silence', () => {
    const process: FlashCrowdProcess = {
      ...FLASH,
      baseRatePerS: 0,
      startS: 10,
      rampUpS: 0,
      holdS: 20,
      decayS: 0,
    };
    const arrivals = arrivalsOf(process, 100);
    expect(arrivals[0]).toBeGreaterThanOrEqual(10e6);
    expect(arrivals.at(-1)).toBeLessThanOrEqual(30e6);
    expect(Math.abs(arrivals.length - 800)).toBeLessThan(4 * Math.sqrt(800));
    expect(meanRatePerS(process, 100)).toBeCloseTo(8, 12);
  });
});

describe('counts', () => {
  it('sends nothing in empty bins and nothing after the last', () => {
    const arrivals = arrivalsOf({ kind: 'counts', counts: [50, 0, 100], binS: 10 }, 1000);
    const counts = countsPerWindow(arrivals, 1000, 10);
    expect(counts[1]).toBe(0);
    expect(counts.subarray(3).every((count) => count === 0)).toBe(true);
  });

  it('holds exactly the counts where the gaps are constant', () => {
    const arrivals = arrivalsOf(
      { kind: 'counts', counts: [5, 0, 12], binS: 10, gaps: { law: 'constant' } },
      30,
    );
    expect(Array.from(countsPerWindow(arrivals, 30, 10))).toEqual([5, 0, 12]);
  });
});
