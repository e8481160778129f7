import { plural } from '../../base/plural.js';
import { styleOf, type TextOptions } from '../text/style.js';
import { textTable } from '../text/text-table.js';
import { USUAL_WIDTH, wrap } from '../text/width.js';
import { bestFirst, ORDER, sweepAnswer } from './sweep-answer.js';
import { askedTable } from './sweep-ask.js';
import { type SweepReport, warningCountSentence } from './sweep-report.js';
import { overSeeds } from './sweep-settings.js';
import { pointsTable } from './sweep-views.js';

/** More rows than this are for the files; fewer where a table above has the answer. */
const MOST_ROWS = 30;
const MOST_ROWS_BELOW = 10;

/** The points of a sweep for a terminal, the answer above and the best first; those that differ only in their seed in one row. */
export function sweepToText(report: SweepReport, options: TextOptions = {}): string {
  const { width = USUAL_WIDTH } = options;
  const style = styleOf(options);
  const rows = overSeeds(report);
  const asked = askedTable(rows);
  const shown = bestFirst(rows).slice(0, asked === undefined ? MOST_ROWS : MOST_ROWS_BELOW);
  const answer = sweepAnswer(rows);
  const warning = warningCountSentence(report);
  const lines = [
    ...(answer === undefined ? [] : [...wrap(answer, width), '']),
    ...(asked === undefined ? [] : [...textTable(asked, width, style), '']),
    ...textTable(pointsTable(rows, shown, titleOf(report, rows, shown.length)), width, style),
    ...wrap(ORDER, width).map((line) => style(line, 'quiet')),
    ...(warning === undefined ? [] : wrap(warning, width)),
  ];
  return `${lines.join('\n')}\n`;
}

function titleOf({ name, points }: SweepReport, rows: SweepReport, shown: number): string {
  const [what, of] =
    rows.points.length === points.length ? ['point', ''] : ['setting', ` of ${points.length} points`];
  const all = rows.points.length;
  return shown === all
    ? `${name}: ${all} ${plural(all, what)}${of}, best first`
    : `${name}: the best ${shown} of ${all} ${plural(all, what)}${of}`;
}
