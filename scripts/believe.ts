import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCells, kindsIn } from './believe/rows.js';
import { markdownTable } from './support/table.js';

const PAGE = 'docs/accuracy.md';
const [BEGIN, END] = ['<!-- written by npm run believe -->', '<!-- end of what npm run believe writes -->'];

/** What can be believed on GPUs, as a table of markdown, from the results of the reproductions. */
export function believeTable(results: string): string {
  const head = ['prediction', 'figure', 'figures', 'median error %', 'worst %', 'in 95 % interval, %'];
  const rows = kindsIn(results).flatMap(({ what, use, doNot, page, figures }) =>
    figures.map((figure, i) => [
      ...(i === 0 ? [what] : ['']),
      figure.name,
      ...errorCells(figure),
      ...(i === 0 ? [use, doNot, `[${page}](../results/${page}/README.md)`] : ['', '', '']),
    ]),
  );
  return markdownTable({ head: [...head, 'use it for', 'do not use it for', 'every row'], rows });
}

/** The page with that table in its place. */
export function withTable(page: string, table: string): string {
  const [before, rest] = page.split(`${BEGIN}\n`);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE} has no place for the table: ${BEGIN}`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href)
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), believeTable('results')));
