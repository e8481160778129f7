import { closest } from '../../base/closest.js';
import { ProblemList } from '../../base/problem.js';
import type { SweepReport } from '../../report/sweep-report.js';
import { type ChartWish, viewOf } from '../../report/sweep-views.js';
import { ROW_COLUMNS } from '../../sweep/row.js';
import { writeFileAtomically } from '../atomic-write.js';

/** Figures that can be drawn. */
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

/**
 * What the options ask to be drawn.
 * @throws InputError with each name that is not there, and each option that lacks --chart
 */
export function chartRequest(axes: readonly string[], options: ChartOptions): ChartWish {
  const problems = new ProblemList();
  const requireKnown = (option: 'x' | 'y' | 'figure', known: readonly string[], what: string) => {
    const value = options[option];
    if (value === undefined || known.includes(value)) return;
    const meant = closest(value, known);
    const remedy =
      meant === undefined ? `write one of ${known.slice(0, 8).join(', ')}` : `did you mean "${meant}"?`;
    problems.add({ path: `--${option}`, what: `there is no ${what} "${value}"`, remedy });
  };
  requireKnown('x', axes, 'axis');
  requireKnown('y', axes, 'axis');
  requireKnown('figure', FIGURES, 'figure');
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

/** @throws InputError when the tenant is not there, or no axis has several values */
export async function writeSweepChart(file: string, report: SweepReport, wish: ChartWish): Promise<void> {
  const view = viewOf(report, wish);
  const { drawView } = await import('../../report/html/sweep-page.js');
  const { paperTheme } = await import('../../report/charts/theme.js');
  await writeFileAtomically(file, `${drawView(report, view, paperTheme).svg}\n`);
}
