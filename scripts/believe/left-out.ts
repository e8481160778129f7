import { join } from 'node:path';
import { errorsBy, type LeftOutPoint } from '../support/errors-by.js';
import { numberIn, readTable } from '../support/source-table.js';
import { markdownTable } from '../support/table.js';

/** What is left out where, by the table of a results folder and the kind in it. */
const KINDS: readonly (readonly [table: string, by: string, name: string])[] = [
  ['nvidia/left-out-family.csv', 'family', 'family of models'],
  ['nvidia/left-out-gpu.csv', 'gpu', 'GPU'],
  ['mig/left-out.csv', 'lone', 'on MIG slices, all but lone processes of'],
];

/** Every family and model of which no fit saw a row, the worst first. */
export function leftOutTable(results: string): string {
  const points = KINDS.flatMap(([table, by, name]) =>
    readTable(join(results, table))
      .filter((row) => row['by'] === by)
      .map((row): LeftOutPoint => {
        const number = (column: string) => numberIn(row, column)!;
        return {
          by,
          leftOut: `${name}: ${row['leftOut']}`,
          what: row['what']!,
          metric: row['metric'] === 'throughputPerS' ? 'throughput' : 'latency',
          measured: number('measured'),
          predicted: number('predicted'),
          low: number('low'),
          high: number('high'),
          errorPercent: number('errorPercent'),
        };
      }),
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
