import { canonicalJson } from '../../base/canonical-json.js';
import { formatCount, formatNumber, formatSetting, formatSigned } from '../../report/format.js';
import { tableOf } from '../../report/tables/table.js';
import { styleOf, type TextOptions } from '../../report/text/style.js';
import { textTable } from '../../report/text/text-table.js';
import { USUAL_WIDTH, wrap } from '../../report/text/width.js';
import type { DriftPoint, DriftReport } from './drift.js';

/** A drift report and what the observed figures could not tell. */
export interface DriftFindings {
  readonly report: DriftReport;
  readonly uncertain: readonly string[];
}

/** A table for each model with its verdict below. Ends with a newline. */
export function driftToText(findings: readonly DriftFindings[], options: TextOptions = {}): string {
  const { width = USUAL_WIDTH } = options;
  const style = styleOf(options);
  const blocks = findings.map(({ report, uncertain }) => [
    ...textTable(pointTable(report), width, style),
    ...textTable(figureTable(report), width, style),
    style(sentenceOf(report), report.verdict === 'drifted' ? 'bad' : 'heading'),
    ...uncertain.flatMap((sentence) => wrap(`- ${sentence}`, width, '  ')),
  ]);
  return blocks.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
}

/** NaN and unknown figures are null. */
export function driftToJson(findings: readonly DriftFindings[]): string {
  const models = findings.map(({ report, uncertain }) => ({ ...report, uncertain }));
  return canonicalJson({ format: 'perseus-drift/1', drifted: hasDrifted(findings), models }, ['format']);
}

export function hasDrifted(findings: readonly DriftFindings[]): boolean {
  return findings.some(({ report }) => report.verdict === 'drifted');
}

function pointTable({ model, device, points, tolerancePercent }: DriftReport) {
  return tableOf(
    `${model}@${device}: service time, stored and observed`,
    points,
    [
      { header: 'batch size', cell: ({ batchSize }) => formatCount(batchSize) },
      { header: 'stored ms', cell: storedText },
      { header: 'observed ms', cell: ({ observedMs }) => formatNumber(observedMs) },
      { header: 'change %', cell: ({ changePercent }) => formatSigned(changePercent) },
      { header: '95 % interval', align: 'left', cell: intervalText },
      { header: 'executions', cell: ({ executions }) => formatCount(executions), dropRank: 1 },
      { header: 'verdict', align: 'left', cell: ({ verdict: text }) => ({ text, tone: TONES[text] }) },
    ],
    [
      `A change of more than ${formatSetting(tolerancePercent)} % that is no chance has drifted.`,
      ...(points.some(({ verdict }) => verdict === 'not stored')
        ? ['Not stored: the stored profile was not measured at such batch sizes.']
        : []),
      ...(points.some(({ storedMs, storedPausedMs }) => storedPausedMs > storedMs)
        ? ['Stored: of an instance that never pauses, to the longest pause.']
        : []),
    ],
  );
}

function storedText({ storedMs, storedPausedMs }: DriftPoint): string {
  const warm = formatNumber(storedMs);
  return storedPausedMs > storedMs ? `${warm} to ${formatNumber(storedPausedMs)}` : warm;
}

function intervalText({ lowPercent, highPercent }: DriftPoint): string {
  return Number.isNaN(lowPercent)
    ? 'not known'
    : `${formatSigned(lowPercent)} to ${formatSigned(highPercent)}`;
}

const TONES = { within: 'good', drifted: 'bad', 'too few': 'quiet', 'not stored': 'quiet' } as const;

function figureTable({ figures }: DriftReport) {
  return tableOf('Not judged', figures, [
    {
      header: 'figure',
      align: 'left',
      cell: ({ name, unit }) => (unit === '' ? name : `${name}, ${unit}`),
    },
    { header: 'stored', cell: ({ stored }) => formatNumber(stored) },
    { header: 'observed', cell: ({ observed }) => formatNumber(observed) },
  ]);
}

function sentenceOf({ model, verdict, points, tolerancePercent }: DriftReport): string {
  if (verdict === 'within') return `${model} is as stored, within ${formatSetting(tolerancePercent)} %.`;
  if (verdict === 'too few')
    return `${model}: too few executions, or of counters too few scrapes, to tell whether it has drifted.`;
  const drifted = points.filter((point) => point.verdict === 'drifted');
  const worst = drifted.reduce((a, b) => (Math.abs(b.changePercent) > Math.abs(a.changePercent) ? b : a));
  return `${model} has drifted: ${formatSigned(worst.changePercent)} % at batch size ${worst.batchSize}; calibrate it again.`;
}
