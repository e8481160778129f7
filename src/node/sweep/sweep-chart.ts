import { extname } from 'node:path';
import { closest } from '../../base/closest.js';
import { ProblemList } from '../../base/problem.js';
import type { SweepReport } from '../../report/sweep/sweep-report.js';
import { type ChartWish, viewOf } from '../../report/sweep/sweep-views.js';
import { ROW_COLUMNS, TOTAL_ROW } from '../../sweep/row.js';
import { seedAxisOf } from '../../sweep/spec.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { PreparedSweep } from './prepare-sweep.js';

const FIGURES = ROW_COLUMNS.filter(({ type }) => type === 'number' || type === 'count').map(
  ({ name }) => name,
);

interface ChartOptions {
  readonly chart?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly figure?: string | undefined;
  readonly tenant?: string | undefined;
}

/** What of a sweep a chart may be about. */
type Drawn = Pick<PreparedSweep, 'spec' | 'axes' | 'points'>;

/**
 * What the options ask to be drawn, checked before anything runs.
 * @throws InputError with each name that is not there, and each option that lacks --chart
 */
export function chartRequest(sweep: Drawn, options: ChartOptions): ChartWish {
  const { axes } = sweep;
  const problems = new ProblemList();
  const requireKnown = (option: 'x' | 'y' | 'figure' | 'tenant', known: readonly string[], what: string) => {
    const value = options[option];
    if (value === undefined || known.includes(value)) return;
    problems.add({
      path: `--${option}`,
      what: `there is no ${what} "${value}"`,
      remedy: meant(value, known),
    });
  };
  requireKnown('x', [...axes, ...FIGURES], 'axis or figure');
  requireKnown('y', axes, 'axis');
  requireKnown('figure', FIGURES, 'figure');
  requireKnown('tenant', [...tenantsOf(sweep), TOTAL_ROW], 'tenant');
  const isAxisNamed = options.x !== undefined && axes.includes(options.x);
  if (options.chart !== undefined && !isAxisNamed && !hasAxisToDraw(sweep, options.y)) {
    problems.add({ path: '--chart', what: 'no axis has several values', remedy: 'name one with --x' });
  }
  const ending = extname(options.chart ?? '');
  if (ending !== '' && ending.toLowerCase() !== '.svg') {
    problems.add({ path: '--chart', what: `a chart is no ${ending} file`, remedy: 'end its name in .svg' });
  }
  for (const option of ['x', 'y', 'figure', 'tenant'] as const) {
    if (options[option] === undefined || options.chart !== undefined) continue;
    problems.add({
      path: `--${option}`,
      what: 'draws nothing without --chart',
      remedy: 'add --chart FILE.svg',
    });
  }
  problems.throwIfAny();
  const { x, y, figure, tenant } = options;
  return { x, y, figure, tenant };
}

/** The name that is nearest, or those that the word is a part of, or as many as a reader looks through. */
function meant(word: string, known: readonly string[]): string {
  // Every figure that has an interval has both its ends beside it.
  const names = known.filter((name) => !/_(low|high)$/.test(name));
  const holding = names.filter((name) => name.includes(word.toLowerCase()));
  const near = closest(word, known) ?? holding[0];
  if (near !== undefined && holding.length <= 1) return `did you mean "${near}"?`;
  const listed = holding.length > 0 ? holding : names;
  const more = listed.length > MOST_NAMES ? ', …' : '';
  return `write one of ${listed.slice(0, MOST_NAMES).join(', ')}${more}`;
}

const MOST_NAMES = 40;

function tenantsOf({ points }: Drawn): ReadonlySet<string> {
  return new Set(points.flatMap(({ scenario }) => scenario.tenants.map(({ name }) => name)));
}

/** Whether there is an axis with something to show besides `y`; seeds are averaged over. */
function hasAxisToDraw({ spec, axes, points }: Drawn, y: string | undefined): boolean {
  const seedAxis = seedAxisOf(spec);
  return axes.some(
    (axis, i) => axis !== y && axis !== seedAxis && new Set(points.map(({ values }) => values[i])).size > 1,
  );
}

/** Draws what {@link chartRequest} gave. Resolves to what a reader has to know of the chart. */
export async function writeSweepChart(
  file: string,
  report: SweepReport,
  wish: ChartWish,
): Promise<string | undefined> {
  const view = viewOf(report, wish);
  const { drawView } = await import('../../report/html/sweep-view.js');
  const { paperTheme } = await import('../../report/charts/theme.js');
  const { svg, note } = drawView(report, view, paperTheme);
  await writeFileAtomically(file, `${svg}\n`);
  return note;
}
