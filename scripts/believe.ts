import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { intervalTable } from './believe/intervals.js';
import { errorCells, kindsIn } from './believe/rows.js';
import { errorsBy } from './support/errors-by.js';
import { isStarted } from './support/main.js';
import { NUMBER, readRowsOf, TEXT } from './support/source-table.js';
import { markdownTable } from './support/table.js';

/** What is left out where, by the table of a results folder and the kind in it. */
const KINDS: readonly (readonly [table: string, by: string, name: string])[] = [
  ['nvidia/left-out-family.csv', 'family', 'family of models'],
  ['nvidia/left-out-gpu.csv', 'gpu', 'GPU'],
  ['mig/left-out.csv', 'lone', 'on MIG slices, all but lone processes of'],
];

const LEFT_OUT = {
  ...{ by: TEXT, leftOut: TEXT, what: TEXT, metric: TEXT, measured: NUMBER, predicted: NUMBER },
  ...{ low: NUMBER, high: NUMBER, errorPercent: NUMBER },
};

/** Every family and model of which no fit saw a row, the worst first. */
function leftOutTable(results: string): string {
  const points = KINDS.flatMap(([table, by, name]) =>
    readRowsOf(join(results, table), LEFT_OUT)
      .filter((row) => row.by === by)
      .map((row) => ({
        ...row,
        leftOut: `${name}: ${row.leftOut}`,
        metric: row.metric === 'throughputPerS' ? 'throughput' : 'latency',
      })),
  );
  return markdownTable(
    errorsBy(points, {
      head: 'left out',
      nameOf: ({ leftOut }) => leftOut,
      rows: 'rows',
      metrics: { throughput: 'throughput', latency: 'latency' },
    }),
  );
}

const PAGE = 'docs/accuracy.md';

/** Tables of the page by the comment before them. */
const TABLES: Readonly<Record<string, (results: string) => string>> = {
  '<!-- written by npm run believe -->': believeTable,
  '<!-- left out, written by npm run believe -->': leftOutTable,
  '<!-- intervals, written by npm run believe -->': intervalTable,
};
const END = '<!-- end of what npm run believe writes -->';

/** What can be believed on GPUs, as a table of markdown, from the results of the reproductions. */
function believeTable(results: string): string {
  const head = ['prediction', 'use it for', 'do not use it for', 'figure'];
  const rows = kindsIn(results).map(({ what, use, doNot, page, figures }) => {
    const errors = figures.map(errorCells);
    const each = errors[0]!.map((_, column) => errors.map((cells) => cells[column]).join('; '));
    const names = figures.map(({ name }) => name).join('; ');
    return [what, use, doNot, names, ...each, `[${page}](../results/${page}/README.md)`];
  });
  return markdownTable({
    head: [...head, 'figures', 'median error %', 'worst %', 'in 95 % interval, %', 'every row'],
    rows,
  });
}

/** The page with its tables from those results. */
export function withTables(page: string, results: string): string {
  return Object.entries(TABLES).reduce((text, [begin, tableFrom]) => {
    const [before, rest] = text.split(`${begin}\n`);
    const end = rest?.indexOf(END) ?? -1;
    if (end < 0) throw new Error(`${PAGE} has no place for a table: ${begin}`);
    return `${before}${begin}\n${tableFrom(results)}\n${rest!.slice(end)}`;
  }, page);
}

if (isStarted(import.meta.url)) writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), 'results'));
