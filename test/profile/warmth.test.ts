import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coldExtraMs, coldnessAfter, warmInferMs } from '../../src/profile/warmth.js';

const WARMTH = { timeConstantMs: 20, coldExtra: 0.8 };

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

it('a short execution takes longer in proportion, a long one by what it takes to warm up', () => {
  expect(coldExtraMs(WARMTH, 0.5, 0.01) / 0.01).toBeCloseTo(0.8 * 0.5, 3);
  expect(coldExtraMs(WARMTH, 0.5, 1e4)).toBeCloseTo(0.8 * 0.5 * 20, 9);
  expect(coldExtraMs(WARMTH, 0, 5)).toBe(0);
});

it('the warm inference is that which takes as long as was measured once the cold is added', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      (coldness, inferMs) => {
        const measuredMs = inferMs + coldExtraMs(WARMTH, coldness, inferMs);
        expect(warmInferMs(WARMTH, coldness, measuredMs) / inferMs).toBeCloseTo(1, 3);
      },
    ),
  );
});
