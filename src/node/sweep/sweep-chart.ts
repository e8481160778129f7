import { closest } from '../../base/closest.js';
import { ProblemList } from '../../base/problem.js';
import type { SweepReport } from '../../report/sweep-report.js';
import { type ChartWish, viewOf } from '../../report/sweep-views.js';
import { suggest } from '../../scenario/check/findings.js';
import { ROW_COLUMNS, TOTAL_ROW } from '../../sweep/row.js';
import { seedAxisOf } from '../../sweep/spec.js';
import { writeFileAtomically } from '../atomic-write.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** Figures that can be drawn. */
const FIGURES = ROW_COLUMNS.filter(({ type }) => type === 'number' || type === 'count').map(
  ({ name }) => name,
);

/** What must be known of a sweep before it is run. */
type DrawnSweep = Pick<PreparedSweep, 'axes' | 'points' | 'spec'>;

interface ChartOptions {
  readonly chart?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly figure?: string | undefined;
  readonly tenant?: string | undefined;
}

/**
 * What the options ask to be drawn of a sweep.
 * @throws InputError with each name that is not there, and each option that lacks --chart; where no axis has
 *   several values
 */
export function chartRequest(sweep: DrawnSweep, options: ChartOptions): ChartWish {
  const { axes } = sweep;
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
  const { chart, x, y, figure, tenant } = options;
  if (tenant !== undefined && tenant !== TOTAL_ROW) requireTenant(sweep, tenant, problems);
  if (chart !== undefined && x === undefined && !hasAxisToShow(sweep, y)) {
    problems.add({ path: '--chart', what: 'no axis has several values', remedy: 'name one with --x' });
  }
  problems.throwIfAny();
  return { x, y, figure, tenant };
}

function requireTenant({ points }: DrawnSweep, tenant: string, problems: ProblemList): void {
  const known = [...new Set(points.flatMap(({ scenario }) => scenario.tenants.map(({ name }) => name)))];
  if (known.includes(tenant)) return;
  problems.add({ path: '--tenant', what: `there is no tenant "${tenant}"`, remedy: suggest(tenant, known) });
}

/** Besides `y`; seeds are averaged over. */
function hasAxisToShow({ axes, points, spec }: DrawnSweep, y: string | undefined): boolean {
  return axes.some(
    (axis, i) =>
      axis !== y && axis !== seedAxisOf(spec) && new Set(points.map(({ values }) => values[i])).size > 1,
  );
}

/** Draws what {@link chartRequest} gave. */
export async function writeSweepChart(file: string, report: SweepReport, wish: ChartWish): Promise<void> {
  const view = viewOf(report, wish);
  const { drawView } = await import('../../report/html/sweep-page.js');
  const { paperTheme } = await import('../../report/charts/theme.js');
  await writeFileAtomically(file, `${drawView(report, view, paperTheme).svg}\n`);
}
