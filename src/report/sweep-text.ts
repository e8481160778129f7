import type { SweepReport } from './sweep-report.js';
import { pointsTable } from './sweep-views.js';
import { plainStyle, type Style } from './text/style.js';
import { textTable } from './text/text-table.js';

/** More rows than this are for the files. */
const MOST_ROWS = 40;

/** The points of a sweep for a terminal: all where they are few, else those that no other beats. */
export function sweepToText(
  report: SweepReport,
  { width = 100, style = plainStyle }: { readonly width?: number; readonly style?: Style } = {},
): string {
  const { points, name } = report;
  const isShort = points.length <= MOST_ROWS;
  const shown = isShort ? points : points.filter(({ onFront }) => onFront).slice(0, MOST_ROWS);
  const title = isShort
    ? `${name}: ${points.length} points`
    : `${name}: ${shown.length} of ${points.length} points, those that none beats in cost and SLO attainment`;
  return `${textTable(pointsTable(report, shown, title), width, style).join('\n')}\n`;
}
