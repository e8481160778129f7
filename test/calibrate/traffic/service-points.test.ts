import { describe, expect, it } from 'vitest';
import { fitServicePoints, type SoloExecution } from '../../../src/calibrate/traffic/service-points.js';
import { fitSpread } from '../../../src/effects/service-time-variability/fit.js';
import { meanEstimate } from '../../../src/metrics/statistics/intervals.js';
import type { Spread } from '../../../src/profile/profile.js';

/** A law with a width. */
type Widened = Extract<Spread, { readonly cv: number }>;

/** Executions of one batch size, each of so many milliseconds on the device and a tenth more for each copy. */
const ofSize = (batchSize: number, ...ms: readonly number[]): SoloExecution[] =>
  ms.map((inferMs) => ({ batchSize, inputMs: 0.1, inferMs, outputMs: 0.3 }));
const fourTimes = (...ms: readonly number[]) => [...ms, ...ms, ...ms, ...ms];

describe('service times from traffic', () => {
  it('are means by batch size, with the interval of Student for few executions', () => {
    const { points, omitted } = fitServicePoints([
      ...ofSize(4, ...fourTimes(1, 3)),
      ...ofSize(1, ...fourTimes(1, 1)),
    ]);
    // Eight values a millisecond from their mean of 2 + 0.4 ms: s = √(8/7), t = 2.36462 at 7 degrees of freedom.
    const half = (2.36462 * Math.sqrt(8 / 7)) / Math.sqrt(8);
    expect(points).toEqual([
      {
        batchSize: 1,
        inputMs: expect.closeTo(0.1, 9),
        inferMs: 1,
        outputMs: expect.closeTo(0.3, 9),
        executions: 8,
        relativeError: 0,
      },
      {
        batchSize: 4,
        inputMs: expect.closeTo(0.1, 9),
        inferMs: 2,
        outputMs: expect.closeTo(0.3, 9),
        executions: 8,
        relativeError: expect.closeTo(half / 2.4, 5),
      },
    ]);
    expect(omitted).toEqual([]);
  });

  it('leave out sizes that were seen fewer than eight times, unless there are no others', () => {
    const often = ofSize(1, ...fourTimes(1, 3));
    const seldom = ofSize(2, 1, 9, 1, 9, 1, 9, 1);
    const fit = fitServicePoints([...seldom, ...often, ...ofSize(3, 5)]);
    expect(fit.points.map(({ batchSize }) => batchSize)).toEqual([1]);
    expect(fit.omitted).toEqual([2, 3]);
    expect(fit.spread).toEqual(fitServicePoints(often).spread);
    const few = fitServicePoints([...ofSize(3, 5), ...seldom]);
    expect(few.points.map(({ batchSize, executions }) => [batchSize, executions])).toEqual([
      [2, 7],
      [3, 1],
    ]);
    expect(few.omitted).toEqual([]);
    // One execution says nothing of how far it may be off, nor of a spread.
    expect(few.points[1]!.relativeError).toBe(0);
    expect(few.spread).toEqual(fitServicePoints(seldom).spread);
  });

  it('are known from two executions by Student, but never said to be off by more than ten times themselves', () => {
    const errorOf = (...ms: readonly number[]) => fitServicePoints(ofSize(1, ...ms)).points[0]!.relativeError;
    // t = 12.7062 at one degree of freedom, and each value is half of their distance from the mean.
    expect(errorOf(1, 3)).toBeCloseTo(12.7062 / 2.4, 4);
    expect(errorOf(0, 9.6, 0)).toBeLessThan(10);
    expect(errorOf(0, 100)).toBe(10);
  });

  it('spread around the mean of their own size', () => {
    const both = fitServicePoints([
      ...ofSize(1, ...fourTimes(1.6, 2.4)),
      ...ofSize(8, ...fourTimes(7.6, 11.6)),
    ]);
    // Of totals of 2.4 and 10 ms.
    const { law, cv } = fitSpread([...fourTimes(2 / 2.4, 2.8 / 2.4), ...fourTimes(0.8, 1.2)]) as Widened;
    expect(both.spread).toEqual({ law, cv: expect.closeTo(cv, 9) });
    expect(fitServicePoints([...ofSize(1, 2), ...ofSize(2, 3)]).spread).toEqual({ law: 'none' });
  });

  it('have wider intervals where slow and fast hours follow one another than where they mix', () => {
    const hours = (each: number) =>
      Array.from({ length: 400 }, (_, i) => (Math.floor(i / each) % 2 === 0 ? 1 : 3));
    const errorOf = (each: number) => fitServicePoints(ofSize(1, ...hours(each))).points[0]!.relativeError;
    expect(errorOf(50)).toBeGreaterThan(2 * errorOf(1));
    const { low, high } = meanEstimate(hours(50).map((ms) => ms + 0.4));
    expect(errorOf(50)).toBeCloseTo((high - low) / 2 / 2.4, 9);
  });

  it('are never nothing: no execution takes less than a nanosecond', () => {
    expect(fitServicePoints(ofSize(1, ...fourTimes(0, 0))).points[0]!.inferMs).toBe(1e-6);
    const nothing = fourTimes(0, 0).map(() => ({ batchSize: 1, inputMs: 0, inferMs: 0, outputMs: 0 }));
    expect(fitServicePoints(nothing)).toMatchObject({
      points: [{ relativeError: 0 }],
      spread: { law: 'none' },
    });
  });
});
