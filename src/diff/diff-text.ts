import { formatEstimate, formatNumber, formatSigned } from '../report/format.js';
import { type ColumnOf, type Tone, tableOf } from '../report/tables/table.js';
import { ansiStyle, plainStyle } from '../report/text/style.js';
import { textTable } from '../report/text/text-table.js';
import { wrap } from '../report/text/width.js';
import type { ValueChange } from './changes.js';
import type { MetricChange, RunDiff, Verdict } from './diff-runs.js';

export interface DiffTextOptions {
  readonly colour?: boolean;
  readonly width?: number;
}

/** The most fields of each kind that are written out. */
const MOST_CHANGES = 40;

/** What changed, for a terminal: the answer, the table of metrics, then what lies behind it. */
export function diffToText(diff: RunDiff, options: DiffTextOptions = {}): string {
  const { width = 100 } = options;
  const style = options.colour === true ? ansiStyle : plainStyle;
  const { metrics, tenantsOnlyIn } = diff;
  const blocks = [
    answer(diff).flatMap((line) => wrap(line, width)),
    ...(metrics.length === 0 ? [] : [textTable(metricTable(metrics), width, style)]),
    changeBlock('Other figures', diff.facts, width),
    changeBlock('Behind it', diff.behind, width),
    [
      ...tenantsOnlyIn.a.map((name) => `${name} is a tenant of ${diff.a} only`),
      ...tenantsOnlyIn.b.map((name) => `${name} is a tenant of ${diff.b} only`),
    ],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function answer({ a, b, metrics, behind }: RunDiff): string[] {
  const count = (verdict: Verdict) => metrics.filter((change) => change.verdict === verdict).length;
  const [better, worse, equal] = [count('better'), count('worse'), count('equal')];
  if (metrics.length > 0 && equal === metrics.length) {
    return [
      `${b} and ${a} are equal in every figure${behind.length === 0 ? '' : ', although their origins differ'}.`,
    ];
  }
  return [
    `${b} against ${a}: of ${metrics.length} figures ${better} are better, ${worse} are worse and ${metrics.length - better - worse} do not differ clearly.`,
  ];
}

const TONES: Partial<Record<Verdict, Tone>> = { better: 'good', worse: 'bad' };

function metricTable(changes: readonly MetricChange[]) {
  const columns: ColumnOf<MetricChange>[] = [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'figure', align: 'left', cell: ({ metric, unit }) => `${metric}, ${unit}` },
    { header: 'a', cell: ({ a }) => formatNumber(a.value) },
    { header: 'b', cell: ({ b }) => formatNumber(b.value) },
    { header: 'b - a', cell: ({ difference }) => formatEstimate(difference) },
    { header: '%', cell: ({ relativePercent }) => formatSigned(relativePercent), dropRank: 1 },
    { header: 'p', cell: ({ pValue }) => (pValue < 0.001 ? '<0.001' : formatNumber(pValue)), dropRank: 2 },
    {
      header: 'b is',
      align: 'left',
      cell: ({ verdict }) => ({ text: verdict, tone: TONES[verdict] ?? 'quiet' }),
    },
  ];
  const paired = changes.filter(({ basis }) => basis === 'requests').length;
  return tableOf('Figures', changes, columns, [
    paired === changes.length
      ? 'The same requests of both runs are paired (first replication).'
      : paired === 0
        ? 'The runs count as independent: their requests were not kept or differ.'
        : 'Where both runs hold the same requests these are paired; elsewhere the runs count as independent.',
  ]);
}

function changeBlock(title: string, changes: readonly ValueChange[], width: number): string[] {
  if (changes.length === 0) return [];
  const hidden = changes.length - MOST_CHANGES;
  const lines = changes
    .slice(0, MOST_CHANGES)
    .flatMap(({ path, a, b }) => wrap(`${path}: ${show(a)} -> ${show(b)}`, width, '  '));
  return [title, ...lines, ...(hidden > 0 ? [`and ${hidden} more; --json has them all.`] : [])];
}

const LONGEST_VALUE = 160;

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
