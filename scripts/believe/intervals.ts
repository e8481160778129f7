import { join } from 'node:path';
import { mean, median } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import { coverage, halfWidthPercent } from '../support/errors-by.js';
import { numberIn, type Row, readTable } from '../support/source-table.js';
import { markdownTable } from '../support/table.js';

/** A measured figure with its 95 % interval, all above 0. */
interface Figure {
  readonly measured: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  readonly family: string;
}

/** Reproductions whose rows have intervals, and what a family of rows is in each. */
const REPRODUCED: Readonly<Record<string, (row: Row) => string>> = {
  seed: ({ model }) => model!,
  nvidia: ({ model }) => /^[a-z]+(-and-deep)?/.exec(model!)![0],
  mig: ({ model }) => model!,
  mlperf: ({ benchmark }) => benchmark!,
};

/** How the intervals of each reproduction do, and of all together, as a table of markdown. */
export function intervalTable(results: string): string {
  const rows = Object.entries(REPRODUCED).map(([page, familyOf]) => {
    const read = readTable(join(results, page, 'predicted.csv'));
    return [
      `[${page}](../results/${page}/README.md)`,
      figuresOf(read, (row) => `${page} ${familyOf(row)}`),
    ] as const;
  });
  const all = ['all', rows.flatMap(([, own]) => own)] as const;
  return markdownTable({
    head: [
      ...['reproduction', 'figures', 'in their interval, %', 'the same by family, %', 'median half-width, %'],
      ...['interval score', 'score of one constant width'],
    ],
    rows: [...rows, all].map(([name, own]) => {
      const byFamily = [...groupBy(own, ({ family }) => family).values()].map(coverage);
      return [
        name,
        String(own.length),
        coverage(own).toFixed(1),
        `${Math.min(...byFamily).toFixed(0)} to ${Math.max(...byFamily).toFixed(0)}`,
        median(own.map(halfWidthPercent)).toFixed(1),
        mean(own.map(intervalScore)).toFixed(2),
        constantScore(own).toFixed(2),
      ];
    }),
  });
}

function figuresOf(rows: readonly Row[], familyOf: (row: Row) => string): Figure[] {
  return rows.flatMap((row) => {
    const [measured, predicted, low, high] = ['measured', 'predicted', 'low', 'high'].map((column) =>
      numberIn(row, column),
    );
    // What is 0 has no share by which it is off; what a fit saw is no prediction.
    if (!(measured! > 0 && predicted! > 0 && low! > 0 && high! > 0)) return [];
    if (row['basis'] === 'fitted') return [];
    return [{ measured: measured!, predicted: predicted!, low: low!, high: high!, family: familyOf(row) }];
  });
}

/** Of a 95 % interval of the logarithm (Gneiting and Raftery 2007, section 6.2): its width, and 2 / 5 % times what the figure lies outside of it. */
function intervalScore({ measured, low, high }: Omit<Figure, 'predicted'>): number {
  const outside = Math.max(0, Math.log(low / measured), Math.log(measured / high));
  return Math.log(high / low) + (2 / 0.05) * outside;
}

/** Of the one factor up and down, the same for all figures, that has the best score on these figures themselves. */
function constantScore(figures: readonly Figure[]): number {
  const scores = Array.from({ length: 200 }, (_, i) => {
    const factor = Math.exp((i + 1) / 100);
    return mean(
      figures.map(({ measured, predicted, family }) =>
        intervalScore({ measured, family, low: predicted / factor, high: predicted * factor }),
      ),
    );
  });
  return Math.min(...scores);
}
