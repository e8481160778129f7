import { plural } from '../../base/plural.js';
import { shellWord } from '../../base/shell-word.js';
import { type AnswerTextOptions, answerToText } from '../text/answer-text.js';
import { sweepAnswer } from './sweep-answer.js';
import { askedTable } from './sweep-ask.js';
import { bestFirst, ORDER } from './sweep-order.js';
import { pointWarnings, type SweepReport, warningCountSentence } from './sweep-report.js';
import { overSeeds } from './sweep-settings.js';
import { pointsTable } from './sweep-views.js';

const MOST_ROWS = 30;

export interface SweepTextOptions extends AnswerTextOptions {
  /** The folder of results; left out where there is none. */
  readonly folder?: string;
}

/**
 * A sweep for a terminal: the answer, the best of what it asks about, then the points, the best first; those that differ only
 * in their seed in one row.
 */
export function sweepToText(
  report: SweepReport,
  { folder, verbose = true, ...options }: SweepTextOptions = {},
): string {
  const rows = overSeeds(report);
  const asked = askedTable(rows);
  const shown = bestFirst(rows).slice(0, MOST_ROWS);
  const points = pointsTable(rows, shown, titleOf(report, rows, shown.length));
  const ordered = { ...points, notes: [...points.notes, ORDER] };
  const answer = sweepAnswer(rows);
  const counted = warningCountSentence(report);
  return answerToText(
    {
      answer: answer === undefined ? [] : [answer],
      asked: [asked ?? ordered],
      details: asked === undefined ? [] : [ordered],
      closing: verbose && counted !== undefined ? [{ sentences: [counted] }] : [],
      warnings: verbose ? [] : pointWarnings(report),
      next: nextSentences(folder, asked !== undefined),
    },
    { ...options, verbose, shownBy: 'perseus simulate of its scenario' },
  );
}

function nextSentences(folder: string | undefined, hasMore: boolean): string[] {
  const more = hasMore ? ['-v shows the points, the best first.'] : [];
  if (folder === undefined) return more;
  return [
    `perseus open ${shellWord(folder)} shows charts; ${shellWord(`${folder}/scenarios/`)} has the scenario of each point.`,
    ...more,
  ];
}

function titleOf({ name, points }: SweepReport, rows: SweepReport, shown: number): string {
  const [what, of] =
    rows.points.length === points.length ? ['point', ''] : ['setting', ` of ${points.length} points`];
  const all = rows.points.length;
  return shown === all
    ? `${name}: ${all} ${plural(all, what)}${of}, best first`
    : `${name}: the best ${shown} of ${all} ${plural(all, what)}${of}`;
}
