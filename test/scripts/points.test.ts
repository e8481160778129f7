import { expect, it } from 'vitest';
import { marginOf } from '../../scripts/support/points.js';

it('an error is missed by what it is beyond what is asked, in units of that', () => {
  expect(marginOf(-20, 2, 0.5)).toBe(9);
  expect(marginOf(1, 2, Number.NaN)).toBe(-0.5);
});

it('what differs by no more than the runs do from each other counts as within', () => {
  expect(marginOf(-9, 2, 10)).toBeLessThanOrEqual(0);
});
