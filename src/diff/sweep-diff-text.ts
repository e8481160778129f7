import { plural } from '../base/plural.js';
import { formatCount, formatSigned } from '../report/format.js';
import { type ColumnOf, type Table, tableOf } from '../report/tables/table.js';
import { type AnswerTextOptions, answerToText, type Sentences } from '../report/text/answer-text.js';
import type { SweepCell } from '../sweep/row.js';
import type { FigureOverview, LoneSetting, SettingDiff, SweepDiff } from './diff-sweeps.js';
import {
  behindSentences,
  changeList,
  figureName,
  formatDifference,
  formatFigure,
  formatPValue,
  verdictCell,
} from './diff-text.js';
import type { MetricChange } from './verdicts.js';

/** Rows and lines that are written out of each kind. */
const MOST_ROWS = 40;

/** What changed between two sweeps, for a terminal: the answer, each figure over all settings, then the points. */
export function sweepDiffToText(diff: SweepDiff, options: AnswerTextOptions = {}): string {
  const changed = changedRows(diff);
  const facts = diff.settings.flatMap(({ values, facts: list }) => {
    const where = settingText(diff.axes, values);
    return list.map(({ path, ...rest }) => ({ path: where === '' ? path : `${where}: ${path}`, ...rest }));
  });
  const { markdown } = options;
  return answerToText(
    {
      answer: answer(diff),
      ...(!areEqual(diff) && { table: { ...overviewTable(diff.overview), title: '' } }),
      details: [
        ...(areEqual(diff) ? [] : [changedTable(diff, changed)]),
        changeList('Other figures', facts, markdown),
        changeList('Behind it', diff.behind, markdown),
        loneBlock(diff.a, diff.axes, diff.onlyIn.a),
        loneBlock(diff.b, diff.axes, diff.onlyIn.b),
      ],
      next: [
        ...behindSentences(diff.behind),
        ...(changed.length > 0 ? ['-v shows each clear difference, the largest first.'] : []),
      ],
    },
    options,
  );
}

function areEqual({ settings }: SweepDiff): boolean {
  return settings.every(({ metrics }) => metrics.every(({ verdict }) => verdict === 'equal'));
}

function answer(diff: SweepDiff): string[] {
  const { a, b, settings, onlyIn, overview } = diff;
  const lone = onlyIn.a.length + onlyIn.b.length;
  const points = `${formatCount(settings.length)} ${plural(settings.length, 'setting')}`;
  const rest = lone === 0 ? '' : `; ${formatCount(lone)} ${plural(lone, 'is', 'are')} in one of them only`;
  const matched = `${b} against ${a}: ${points} in both${rest}.`;
  if (settings.length === 0) return [matched];
  const count = (verdict: keyof FigureOverview['counts']) =>
    overview.reduce((sum, { counts }) => sum + counts[verdict], 0);
  const all = settings.reduce((sum, { metrics }) => sum + metrics.length, 0);
  const [better, worse, equal] = [count('better'), count('worse'), count('equal')];
  if (areEqual(diff)) return [`${matched} They are equal in every figure.`];
  const unclear = all - better - worse - equal;
  return [
    `${matched} Of ${formatCount(all)} figures ${formatCount(better)} are better, ${formatCount(worse)} are worse, ${formatCount(equal)} are equal and ${formatCount(unclear)} do not differ clearly.`,
  ];
}

function overviewTable(overview: readonly FigureOverview[]): Table {
  const columns: ColumnOf<FigureOverview>[] = [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'figure', align: 'left', cell: ({ metric }) => metric },
    {
      header: 'better',
      cell: ({ counts }) => ({
        text: formatCount(counts.better),
        tone: counts.better > 0 ? 'good' : 'quiet',
      }),
    },
    {
      header: 'worse',
      cell: ({ counts }) => ({ text: formatCount(counts.worse), tone: counts.worse > 0 ? 'bad' : 'quiet' }),
    },
    {
      header: 'not clear',
      cell: ({ counts }) => formatCount(counts['no clear difference'] + counts.unknown),
    },
    { header: 'equal', cell: ({ counts }) => formatCount(counts.equal) },
    { header: 'least %', cell: ({ percent }) => formatSigned(percent.least), dropRank: 2 },
    { header: 'median %', cell: ({ percent }) => formatSigned(percent.median) },
    { header: 'most %', cell: ({ percent }) => formatSigned(percent.most), dropRank: 1 },
  ];
  return tableOf('Figures over all settings', overview, columns, ['Settings by what b is; percent of a.']);
}

interface ChangedRow {
  readonly setting: SettingDiff;
  readonly change: MetricChange;
}

/** What differs clearly, the largest change first. */
function changedRows({ settings }: SweepDiff): ChangedRow[] {
  const size = ({ change }: ChangedRow) => Math.abs(change.relativePercent) || 0;
  return settings
    .flatMap((setting) =>
      setting.metrics
        .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
        .map((change) => ({ setting, change })),
    )
    .sort((x, y) => size(y) - size(x));
}

function changedTable({ axes, settings }: SweepDiff, changed: readonly ChangedRow[]): Table {
  const columns: ColumnOf<ChangedRow>[] = [
    ...axes.map(
      (axis, i): ColumnOf<ChangedRow> => ({
        header: axis,
        align: 'left',
        cell: ({ setting }) => cellText(setting.values[i]!),
      }),
    ),
    { header: 'tenant', align: 'left', cell: ({ change }) => change.tenant },
    { header: 'figure', align: 'left', cell: ({ change }) => figureName(change) },
    { header: 'a', cell: ({ change }) => formatFigure(change, change.a.value) },
    { header: 'b', cell: ({ change }) => formatFigure(change, change.b.value) },
    { header: 'b - a', cell: ({ change }) => formatDifference(change), dropRank: 2 },
    { header: '%', cell: ({ change }) => formatSigned(change.relativePercent) },
    { header: 'p', cell: ({ change }) => formatPValue(change.pValue), dropRank: 3 },
    { header: 'b is', align: 'left', cell: ({ change }) => verdictCell(change.verdict) },
  ];
  const left = changed.length - MOST_ROWS;
  const notes = [
    basisNote(settings),
    `Significance is judged over all figures of all settings together (Holm), so that a small p alone is not enough.`,
    ...(left > 0 ? [`${formatCount(left)} more ${plural(left, 'row')}: see --json.`] : []),
  ];
  return tableOf('Clear differences, the largest first', changed.slice(0, MOST_ROWS), columns, notes);
}

function basisNote(settings: readonly SettingDiff[]): string {
  const bases = new Set(settings.flatMap(({ metrics }) => metrics.map(({ basis }) => basis)));
  if (!bases.has('seeds'))
    return 'One run each: the runs count as independent; an axis of seeds would pair them.';
  const seeds = settings.map(({ seeds: { both } }) => both);
  const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
  const range = least === most ? `${most}` : `${least} to ${most}`;
  return `Means over ${range} seeds, paired: the same seed is the same load in both.`;
}

function loneBlock(name: string, axes: readonly string[], settings: readonly LoneSetting[]): Sentences {
  const hidden = settings.length - MOST_ROWS;
  const lines = settings.slice(0, MOST_ROWS).map(({ values }) => settingText(axes, values) || 'its points');
  return {
    heading: `Only in ${name}`,
    sentences: [...lines, ...(hidden > 0 ? [`and ${formatCount(hidden)} more; --json has them all.`] : [])],
    indent: '  ',
  };
}

function settingText(axes: readonly string[], values: readonly SweepCell[]): string {
  return axes.map((axis, i) => `${axis} ${cellText(values[i]!)}`).join(', ');
}

function cellText(cell: SweepCell): string {
  return cell === null ? '–' : String(cell);
}
