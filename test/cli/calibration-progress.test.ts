import { expect, test } from 'vitest';
import { calibrationProgress } from '../../src/cli/calibration-progress.js';

const PROGRESS = {
  experiment: { kind: 'sequential', id: 'm/sequential-2', model: 'm', batchSize: 2 },
  number: 3,
  of: 12,
  spentS: 20.4,
  budgetS: 30,
  otherCores: 0,
} as const;

test('tells the point, its place among all, and how much of the budget is spent', () => {
  expect(calibrationProgress(PROGRESS)).toBe('3/12 m/sequential-2 (20 of 30 s)');
});

test('a budget that is spent is told as such, with the reason for going on', () => {
  expect(calibrationProgress({ ...PROGRESS, spentS: 41 })).toBe(
    '3/12 m/sequential-2 (41 s: the budget of 30 s is spent, but there is no profile without this point)',
  );
});

test('what else keeps the machine busy is told beside', () => {
  expect(calibrationProgress({ ...PROGRESS, otherCores: 1.04 })).toBe(
    '3/12 m/sequential-2 (20 of 30 s); something else keeps 1.0 cores of this machine busy',
  );
});
