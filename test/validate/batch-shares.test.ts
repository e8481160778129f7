import { expect, it } from 'vitest';
import { batchShares, largestShareError } from '../../src/validate/compare-distributions.js';

it('batch shares are of all executions of their side, in percent', () => {
  const shares = batchShares([0, 3, 1], [0, 2, 0, 2]);
  expect(shares).toEqual([
    { batchSize: 1, measuredPercent: 75, predictedPercent: 50 },
    { batchSize: 2, measuredPercent: 25, predictedPercent: 0 },
    { batchSize: 3, measuredPercent: 0, predictedPercent: 50 },
  ]);
  expect(largestShareError(shares)).toBe(50);
});
