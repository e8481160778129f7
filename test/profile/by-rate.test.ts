import { expect, it } from 'vitest';
import { atRate } from '../../src/effects/rate/at-rate.js';

const RATED = [
  { requestsPerS: 10, us: 300 },
  { requestsPerS: 100, us: 100 },
  { requestsPerS: 1000, us: 0 },
];
const usAt = (requestsPerS: number) => atRate(RATED, requestsPerS, ['us']).us;

it('a figure at a measured rate is what was measured', () => {
  expect(RATED.map(({ requestsPerS }) => usAt(requestsPerS))).toEqual([300, 100, 0]);
});

it('it changes by as much with each doubling of the rate between two measured ones', () => {
  expect(usAt(20) - usAt(40)).toBeCloseTo(usAt(40) - usAt(80), 2);
  expect(usAt(Math.sqrt(10 * 100))).toBeCloseTo(200, 2);
});

it('it is that of the nearest measured rate beyond them, and where nothing pauses that of the highest', () => {
  expect(usAt(1)).toBe(300);
  expect(usAt(5000)).toBe(0);
  expect(usAt(Number.POSITIVE_INFINITY)).toBe(0);
});
