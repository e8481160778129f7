import { expect, it } from 'vitest';
import { fitPerKilobyte } from '../../../src/calibrate/fit/threads/per-kilobyte.js';

const sizes = [100, 200, 400, 800];

it('finds what a kilobyte takes, whatever a request takes besides', () => {
  const points = sizes.map((kilobytes) => ({ kilobytes, us: 300 + 0.5 * kilobytes }));
  const { us, isKnown } = fitPerKilobyte(points, 0);
  expect(us).toBeCloseTo(0.5);
  expect(isKnown).toBe(true);
});

it('takes a slope within the noise for none, and knows that where it cannot matter', () => {
  const noisy = sizes.map((kilobytes, i) => ({ kilobytes, us: 300 + (i % 2 === 0 ? 20 : -20) }));
  expect(fitPerKilobyte(noisy, 1)).toEqual({ us: 0, isKnown: false });
  expect(fitPerKilobyte(noisy, 50)).toEqual({ us: 0, isKnown: true });
});

it('takes what grows with inferences of a few bytes for no cost of bytes', () => {
  const tiny = [1, 2, 4, 8].map((n) => ({ kilobytes: 0.004 * n, us: 100 + 10 * n }));
  expect(fitPerKilobyte(tiny, 1)).toEqual({ us: 0, isKnown: true });
});

it('knows that no bytes cost nothing: tensors in shared memory', () => {
  const none = [120, 180].map((us) => ({ kilobytes: 0, us }));
  expect(fitPerKilobyte(none, 1)).toEqual({ us: 0, isKnown: true });
});

it('knows nothing of a single size', () => {
  expect(fitPerKilobyte([{ kilobytes: 100, us: 350 }], 1000)).toEqual({ us: 0, isKnown: false });
  expect(fitPerKilobyte([], 1000)).toEqual({ us: 0, isKnown: false });
});
