import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { kindsIn } from '../../scripts/believe/rows.js';
import { withTables } from '../../scripts/believe.js';

it('the tables of what can be believed have the figures of the results (else: npm run believe)', () => {
  const page = readFileSync('docs/accuracy.md', 'utf8');
  expect(withTables(page, 'results')).toBe(page);
});

it('every kind of prediction says what to use it for, and what not, and every row of a table is of some kind', () => {
  const kinds = kindsIn('results');
  for (const { use, doNot } of kinds) expect([use, doNot]).not.toContain('');
  const judged = (page: string, ...names: string[]) =>
    kinds
      .filter((kind) => kind.page === page)
      .flatMap(({ figures }) => figures.filter(({ name }) => names.includes(name)))
      .reduce((sum, { points }) => sum + points.length, 0);
  const rowsOf = (page: string, isCounted: (line: string) => boolean) =>
    readFileSync(`results/${page}/predicted.csv`, 'utf8').split('\n').slice(1).filter(isCounted).length;
  expect(judged('nvidia', 'throughput', 'mean latency')).toBe(rowsOf('nvidia', (line) => line !== ''));
  expect(judged('mig', 'throughput', 'latency')).toBe(rowsOf('mig', (line) => line !== ''));
  expect(judged('mlperf', 'p50', 'p99')).toBe(rowsOf('mlperf', (line) => /,(p50|p99),/.test(line)));
});
