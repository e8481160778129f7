import { expect, it } from 'vitest';
import { CASES } from '../../scripts/compositions/cases.js';
import { compositionsPage, verdict } from '../../scripts/compositions/page.js';
import type { Row } from '../../scripts/compositions/rows.js';

const ROW: Row = {
  name: 'cached classifier',
  ratePerS: 100,
  by: 'perseus live',
  runs: 3,
  metric: 'p50Ms',
  measured: 4,
  spreadPercent: 5,
  predicted: 4.16,
  low: 3.5,
  high: 4.8,
  errorPercent: 4,
  askedPercent: 3,
  margin: -1 / 3,
  loadAverage: [0.5, 2],
};

it('an error within what the runs differ by is no miss, and is not within what is asked either', () => {
  const missed = { ...ROW, errorPercent: 20, margin: 5 };
  expect(verdict({ rows: [missed, ROW] })).toBe(
    '1 of 2 figures are within what is asked or within what the runs differ by; 0 within what is asked.',
  );
  const page = compositionsPage({ rows: [missed, ROW], repeats: 3, calibrations: [] });
  expect(page.split('\n').filter((line) => line.includes('missed'))).toHaveLength(1);
  expect(page).toContain('| cached classifier | 100/s, perseus live | p50 | 4.00 ms | 5.0 % |');
});

it('each case asks a model of its own, and no two cases share one', () => {
  const names = CASES.flatMap(({ models }) => models.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  for (const { models, asked } of CASES) expect(models.map(({ name }) => name)).toContain(asked);
});
