import { plural } from '../base/plural.js';
import { notNegative } from '../metrics/statistics/intervals.js';
import { formatEstimate, formatNumber, formatSigned, UNKNOWN } from '../report/format.js';
import { type Cell, type Table, tableOf } from '../report/tables/table.js';
import { COMPONENT_METRICS } from './metric.js';
import {
  type BatchComparison,
  type ComparedFigure,
  type FigureVerdict,
  isCovered,
  type ValidationReport,
} from './report.js';

const isComponent = ({ metric }: ComparedFigure) =>
  COMPONENT_METRICS.some(({ name }) => name === metric.name);

/** Throughput, latency and SLO attainment of each tenant. */
export function tenantTable({ figures, liveRuns, simulatedRuns }: ValidationReport): Table {
  const runs = `${liveRuns === 1 ? 'one' : liveRuns} live ${plural(liveRuns, 'run')}`;
  return figureTable(
    'Measured and predicted',
    figures.filter((figure) => !isComponent(figure)),
    [
      `Measured: mean of ${runs}, with half their range to each side. Predicted: mean of ${simulatedRuns} ${plural(simulatedRuns, 'replication')}, with the interval in which the measured mean should lie in 95 %. An error passes when it is within the tolerance or within the range of the live runs.`,
    ],
  );
}

/** Where a mean request of each model spends its time. */
export function componentTable({ figures }: ValidationReport): Table {
  return figureTable('By component, mean of a request', figures.filter(isComponent), [
    'Measured from the statistics of the server over the whole run. Output lasts until the last response of the batch has left, as Triton counts it, in both.',
  ]);
}

function figureTable(title: string, figures: readonly ComparedFigure[], notes: readonly string[]): Table {
  return tableOf(
    title,
    figures,
    [
      { header: 'of', align: 'left', cell: ({ subject }) => subject },
      { header: 'figure', align: 'left', cell: nameOf },
      { header: 'measured', cell: measuredText },
      { header: 'predicted', cell: ({ predicted }) => formatNumber(predicted) },
      { header: 'interval', align: 'left', cell: intervalCell, dropRank: 1 },
      { header: 'error', cell: errorText },
      { header: 'allowed', cell: allowedText, dropRank: 2 },
      { header: 'verdict', align: 'left', cell: ({ verdict }) => verdictCell(verdict) },
    ],
    notes,
  );
}

function nameOf({ metric: { label, unit } }: ComparedFigure): string {
  return unit === '' ? label : `${label} ${unit}`;
}

function measuredText({ measured, measuredSpread }: ComparedFigure): string {
  const half = measuredSpread / 2;
  return formatEstimate(notNegative({ value: measured, low: measured - half, high: measured + half }));
}

/** In red where the measured value lies outside. */
function intervalCell(figure: ComparedFigure): Cell {
  const inside = isCovered(figure);
  if (inside === undefined) return { text: UNKNOWN, tone: 'quiet' };
  const text = `${formatNumber(figure.low)} to ${formatNumber(figure.high)}`;
  return inside ? { text } : { text, tone: 'bad' };
}

function errorText({ error, metric }: ComparedFigure): string {
  return Number.isFinite(error) ? `${formatSigned(error)} ${metric.errorUnit}` : UNKNOWN;
}

function allowedText({ tolerance, spread, metric }: ComparedFigure): string {
  if (tolerance === undefined) return UNKNOWN;
  const allowed = Number.isNaN(spread) ? tolerance : Math.max(tolerance, spread);
  return `${formatNumber(allowed)} ${metric.errorUnit}`;
}

function verdictCell(verdict: FigureVerdict): Cell {
  return { text: verdict, tone: TONES[verdict] };
}

const TONES = { within: 'good', 'within spread': 'good', outside: 'bad', 'not judged': 'quiet' } as const;

/** How far apart the latency distributions are, beside how far apart live runs are from each other. */
export function distanceTable({ distances }: ValidationReport): Table {
  return tableOf(
    'Distance of the latency distributions',
    distances,
    [
      { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
      { header: 'Kolmogorov-Smirnov pp', cell: ({ ksPp }) => formatNumber(ksPp) },
      { header: 'of live runs', cell: ({ repeatsKsPp }) => formatNumber(repeatsKsPp) },
      { header: 'Wasserstein-1 %', cell: ({ wassersteinPercent }) => formatNumber(wassersteinPercent) },
      {
        header: 'of live runs',
        cell: ({ repeatsWassersteinPercent }) => formatNumber(repeatsWassersteinPercent),
      },
    ],
    [
      'Wasserstein-1 in percent of the measured mean. “Of live runs”: the largest distance of two live runs from each other.',
    ],
  );
}

/** Executed batch sizes as shares of all executions. */
export function batchTable({ batches }: ValidationReport): Table {
  const rows = batches.flatMap((comparison) => comparison.shares.map((share) => ({ comparison, share })));
  return tableOf(
    'Executed batch sizes',
    rows,
    [
      { header: 'model', align: 'left', cell: ({ comparison }) => comparison.model },
      { header: 'batch size', cell: ({ share }) => String(share.batchSize) },
      { header: 'measured %', cell: ({ share }) => formatNumber(share.measuredPercent) },
      { header: 'predicted %', cell: ({ share }) => formatNumber(share.predictedPercent) },
      {
        header: 'error pp',
        cell: ({ share }) => formatSigned(share.predictedPercent - share.measuredPercent),
      },
    ],
    batches.map(batchSentence),
  );
}

function batchSentence({ model, largestErrorPp, spreadPp, verdict }: BatchComparison): string {
  const spread = Number.isNaN(spreadPp) ? '' : `, live runs differ by ${formatNumber(spreadPp)} pp`;
  return `${model}: largest error ${formatNumber(largestErrorPp)} pp${spread}: ${verdict}.`;
}
