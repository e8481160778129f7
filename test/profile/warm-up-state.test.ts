import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coldInferMs, warmInferMs, warmUpDeficitAfter } from '../../src/effects/idle/warm-up-state.js';

const WARM_UP_STATE = { timeConstantMs: 20, coldSpeed: 0.4 };

it('an instance that executes without end is warm, one that idles without end cold', () => {
  expect(warmUpDeficitAfter(WARM_UP_STATE, 0.7, 1e4, true)).toBeCloseTo(0, 12);
  expect(warmUpDeficitAfter(WARM_UP_STATE, 0.2, 1e4, false)).toBeCloseTo(1, 12);
});

it('after one time constant a part of 1/e is left of the way there', () => {
  expect(warmUpDeficitAfter(WARM_UP_STATE, 1, 20, true)).toBeCloseTo(1 / Math.E, 12);
  expect(warmUpDeficitAfter(WARM_UP_STATE, 0, 20, false)).toBeCloseTo(1 - 1 / Math.E, 12);
});

it('two steps are as one of their length', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.boolean(),
      (warmUpDeficit, ms, busy) => {
        const half = warmUpDeficitAfter(WARM_UP_STATE, warmUpDeficit, ms / 2, busy);
        expect(warmUpDeficitAfter(WARM_UP_STATE, half, ms / 2, busy)).toBeCloseTo(
          warmUpDeficitAfter(WARM_UP_STATE, warmUpDeficit, ms, busy),
          9,
        );
      },
    ),
  );
});

it('a short execution takes as much longer as the speed is less, a long one by what it takes to warm up', () => {
  expect(coldInferMs(WARM_UP_STATE, 0.5, 0.01) / 0.01).toBeCloseTo(1 / (1 - 0.6 * 0.5), 3);
  expect(coldInferMs(WARM_UP_STATE, 0.5, 1e4) - 1e4).toBeCloseTo(0.6 * 0.5 * 20, 6);
  expect(coldInferMs(WARM_UP_STATE, 0, 5)).toBe(5);
});

it('the warm inference is that which takes as long as it took when it began so cold', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (warmUpDeficit, inferMs, coldSpeed) => {
        const warmUpState = { timeConstantMs: 20, coldSpeed };
        expect(
          warmInferMs(warmUpState, warmUpDeficit, coldInferMs(warmUpState, warmUpDeficit, inferMs)),
        ).toBeCloseTo(inferMs, 5);
      },
    ),
  );
});
