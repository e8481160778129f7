import { formatPath } from '../base/path.js';
import { plural } from '../base/plural.js';
import { formatEstimate, formatNumber, formatPercent, formatSigned } from '../report/format.js';
import { type Cell, type ColumnOf, type Tone, tableOf } from '../report/tables/table.js';
import {
  type AnswerText,
  type AnswerTextOptions,
  answerToText,
  type Sentences,
} from '../report/text/answer-text.js';
import type { TextOptions } from '../report/text/style.js';
import { markdownText } from '../report/text/text-table.js';
import type { ValueChange } from './changes.js';
import type { RunDiff } from './diff-runs.js';
import type { ChangeVerdict, MetricChange } from './verdicts.js';

/** The most fields of each kind that are written out. */
export const MOST_CHANGES = 40;

/** What changed, for a terminal: the answer, the table of figures, then what lies behind it. */
export function diffToText(diff: RunDiff, options: AnswerTextOptions = {}): string {
  return answerToText(diffText(diff, options), options);
}

/** The same, for those who have more to say. */
export function diffText(diff: RunDiff, { markdown = false }: TextOptions = {}): AnswerText {
  const { a, b, facts, behind, tenantsOnlyIn } = diff;
  const figures = metricTable(diff);
  return {
    answer: diffAnswer(diff),
    ...(figures.rows.length > 0 && { table: { ...figures, title: '' } }),
    details: [changeList('Other figures', facts, markdown), changeList('Behind it', behind, markdown)],
    closing: [
      {
        sentences: [
          ...tenantsOnlyIn.a.map((name) => `${name} is a tenant of ${a} only.`),
          ...tenantsOnlyIn.b.map((name) => `${name} is a tenant of ${b} only.`),
        ],
      },
    ],
    next: behindSentences(behind),
  };
}

/** The first field that differs, and how many do besides; a name explains nothing. */
export function behindSentences(behind: readonly ValueChange[]): string[] {
  const first = behind.find(({ path }) => !path.endsWith('.name')) ?? behind[0];
  if (first === undefined) return [];
  const more = behind.length - 1;
  const others = more === 0 ? '' : ` and ${more} more ${plural(more, 'field')}, which -v shows`;
  return [`Behind it: ${isBrief(first) ? changeText(first) : first.path}${others}.`];
}

const isBrief = ({ a, b }: ValueChange) => `${showValue(a)}${showValue(b)}`.length <= 40;

const changeText = ({ path, a, b }: ValueChange) => `${path}: ${showValue(a)} -> ${showValue(b)}`;

/** What the differences come to. */
export function diffAnswer(diff: RunDiff): string[] {
  const { a, b, metrics, behind } = diff;
  const count = (verdict: ChangeVerdict) => metrics.filter((change) => change.verdict === verdict).length;
  const [better, worse, equal] = [count('better'), count('worse'), count('equal')];
  if (metrics.length === 0)
    return [`${b} and ${a} have no tenant in common: no figure of one is one of the other.`];
  if (equal === metrics.length) {
    return [
      `${b} and ${a} are equal in every figure${behind.length === 0 ? '' : ', although their origins differ'}.`,
    ];
  }
  const unknown = count('unknown');
  const unclear = metrics.length - better - worse - equal - unknown;
  const rest = unknown === 0 ? '' : `; ${unknown} ${plural(unknown, 'has', 'have')} no interval to judge by`;
  return [
    ...verdictChanges(diff),
    `${b} against ${a}: of ${metrics.length} figures ${better} ${plural(better, 'is', 'are')} better, ${worse} ${plural(worse, 'is', 'are')} worse, ${equal} ${plural(equal, 'is', 'are')} equal and ${unclear} ${plural(unclear, 'does', 'do')} not differ clearly${rest}.`,
  ];
}

/** Whose SLO is met in one run only, and who keeps up in one only: no figure says it as plainly. */
function verdictChanges({ a, b, metrics, facts }: RunDiff): string[] {
  const tenants = [...new Set(metrics.map(({ tenant }) => tenant))];
  const all = tenants.flatMap((tenant) => {
    const factOf = (key: string) => facts.find(({ path }) => path === formatPath(['tenants', tenant, key]));
    const [slo, stability] = [factOf('sloMet'), factOf('stability')];
    return [
      ...(slo?.a === true && slo.b === false
        ? [`${tenant} misses its SLO in ${b}, and meets it in ${a}.`]
        : []),
      ...(slo?.a === false && slo.b === true
        ? [`${tenant} meets its SLO in ${b}, and misses it in ${a}.`]
        : []),
      ...(stability === undefined
        ? []
        : [`${tenant} is ${stability.b} in ${b}, and ${stability.a} in ${a}.`]),
    ];
  });
  const hidden = all.length - MOST_VERDICTS;
  return [...all.slice(0, MOST_VERDICTS), ...(hidden > 0 ? [`Of ${hidden} more the verdict changes.`] : [])];
}

const MOST_VERDICTS = 6;

/** Shares are shown in percent: 0.999 is not 1.00. */
function isShare({ unit }: Pick<MetricChange, 'unit'>): boolean {
  return unit === 'of 1';
}

export function figureName(change: MetricChange): string {
  const unit = isShare(change) ? '%' : change.unit;
  return `${change.metric} ${unit === 'requests/s' ? '/s' : unit}`;
}

export function formatFigure(change: MetricChange, value: number): string {
  return isShare(change) ? formatPercent(value) : formatNumber(value);
}

export function formatDifference(change: MetricChange): string {
  return formatEstimate(change.difference, isShare(change) ? 100 : 1);
}

export function formatPValue(pValue: number): string {
  return pValue < 0.001 ? '<0.001' : formatNumber(pValue);
}

export function verdictCell(verdict: ChangeVerdict): Cell {
  const text = verdict === 'no clear difference' ? 'not clear' : verdict;
  return { text, tone: TONES[verdict] ?? 'quiet' };
}

const TONES: Partial<Record<ChangeVerdict, Tone>> = { better: 'good', worse: 'bad' };

/** Every figure that is not equal. */
export function metricTable({ a, b, metrics }: RunDiff) {
  const changes = metrics.filter(({ verdict }) => verdict !== 'equal');
  const columns: ColumnOf<MetricChange>[] = [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'figure', align: 'left', cell: figureName },
    { header: 'a', cell: (change) => formatFigure(change, change.a.value) },
    { header: 'b', cell: (change) => formatFigure(change, change.b.value) },
    { header: 'b - a', cell: formatDifference },
    { header: '%', cell: ({ relativePercent }) => formatSigned(relativePercent), dropRank: 1 },
    { header: 'p', cell: ({ pValue }) => formatPValue(pValue), dropRank: 2 },
    { header: 'b is', align: 'left', cell: ({ verdict }) => verdictCell(verdict) },
  ];
  const bases = new Set(changes.map(({ basis }) => basis));
  const isDoubtful = ({ verdict, difference: { low, high } }: MetricChange) =>
    verdict === 'no clear difference' && (low > 0 || high < 0);
  return tableOf('Figures', changes, columns, [
    `a: ${a}; b: ${b}.`,
    ...(changes.some(isDoubtful)
      ? [
          'Not clear beside an interval without 0: it may be chance among so many figures (Holm), or within the tolerance.',
        ]
      : []),
    ...(changes.some(({ verdict, basis }) => verdict === 'no clear difference' && basis === 'seeds')
      ? ['Not clear is no proof that they are equal: more --runs tell smaller differences.']
      : []),
    ...(changes.length < metrics.length ? ['Figures that are equal are left out; --json has them.'] : []),
    bases.size === 1
      ? HOW_COMPARED[changes[0]!.basis]
      : 'Where both runs hold the same requests, or replications under the same seeds, these are paired; elsewhere the runs count as independent.',
  ]);
}

const HOW_COMPARED: Readonly<Record<MetricChange['basis'], string>> = {
  requests: 'The same requests of both runs are paired.',
  seeds: 'Replications under the same seeds are paired.',
  intervals:
    'The runs count as independent: their requests were not kept, differ, or are those of one replication of several, which are not all under the same seeds.',
};

/** Fields that differ, under a title; nothing where none does. */
export function changeList(title: string, changes: readonly ValueChange[], markdown = false): Sentences {
  const hidden = changes.length - MOST_CHANGES;
  const lines = changes.slice(0, MOST_CHANGES).map(changeText);
  const rest = hidden > 0 ? [`and ${hidden} more${markdown ? '' : '; --json has them all.'}`] : [];
  const all = [...lines, ...rest];
  return {
    heading: title,
    sentences: markdown ? all.map((line) => `- ${markdownText(line)}`) : all,
    indent: '  ',
  };
}

const LONGEST_VALUE = 160;

export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
