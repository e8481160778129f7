import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coldInferMs, coldnessAfter, warmInferMs } from '../../src/profile/warmth.js';

const WARMTH = { timeConstantMs: 20, coldSpeed: 0.4 };

it('an instance that executes without end is warm, one that idles without end cold', () => {
  expect(coldnessAfter(WARMTH, 0.7, 1e4, true)).toBeCloseTo(0, 12);
  expect(coldnessAfter(WARMTH, 0.2, 1e4, false)).toBeCloseTo(1, 12);
});

it('after one time constant a part of 1/e is left of the way there', () => {
  expect(coldnessAfter(WARMTH, 1, 20, true)).toBeCloseTo(1 / Math.E, 12);
  expect(coldnessAfter(WARMTH, 0, 20, false)).toBeCloseTo(1 - 1 / Math.E, 12);
});

it('two steps are as one of their length', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.boolean(),
      (coldness, ms, busy) => {
        const half = coldnessAfter(WARMTH, coldness, ms / 2, busy);
        expect(coldnessAfter(WARMTH, half, ms / 2, busy)).toBeCloseTo(
          coldnessAfter(WARMTH, coldness, ms, busy),
          9,
        );
      },
    ),
  );
});

it('a short execution takes as much longer as the speed is less, a long one by what it takes to warm up', () => {
  expect(coldInferMs(WARMTH, 0.5, 0.01) / 0.01).toBeCloseTo(1 / (1 - 0.6 * 0.5), 3);
  expect(coldInferMs(WARMTH, 0.5, 1e4) - 1e4).toBeCloseTo(0.6 * 0.5 * 20, 6);
  expect(coldInferMs(WARMTH, 0, 5)).toBe(5);
});

it('the warm inference is that which takes as long as it took when it began so cold', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (coldness, inferMs, coldSpeed) => {
        const warmth = { timeConstantMs: 20, coldSpeed };
        expect(warmInferMs(warmth, coldness, coldInferMs(warmth, coldness, inferMs))).toBeCloseTo(inferMs, 5);
      },
    ),
  );
});
