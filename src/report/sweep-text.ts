import { columnTitle, isPriced, type SweepReport, warningCountSentence } from './sweep-report.js';
import { bestFirst, pointsTable } from './sweep-views.js';
import { plainStyle, type Style } from './text/style.js';
import { textTable } from './text/text-table.js';
import { USUAL_WIDTH, wrap } from './text/width.js';

/** More rows than this are for the files. */
const MOST_ROWS = 30;

/** The points of a sweep for a terminal, the best first. */
export function sweepToText(
  report: SweepReport,
  { width = USUAL_WIDTH, style = plainStyle }: { readonly width?: number; readonly style?: Style } = {},
): string {
  const { points, name, cost } = report;
  const shown = bestFirst(report).slice(0, MOST_ROWS);
  const title =
    shown.length === points.length
      ? `${name}: ${points.length} points, best first`
      : `${name}: the best ${shown.length} of ${points.length} points`;
  const figures = `${isPriced(report) ? `${columnTitle(cost)} and ` : ''}SLO attainment`;
  const order = `Order: not beaten by any other in ${figures}; every SLO met; the rest.`;
  const warning = warningCountSentence(report);
  const lines = [
    ...textTable(pointsTable(report, shown, title), width, style),
    style(order, 'quiet'),
    ...(warning === undefined ? [] : wrap(warning, width)),
  ];
  return `${lines.join('\n')}\n`;
}
