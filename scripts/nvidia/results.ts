import { csvField } from '../../src/base/csv.js';
import { predictedMeasuredChart } from '../../src/report/charts/predicted-measured.js';
import { signed, table } from '../support/markdown.js';
import { METRICS, type Metric, mape, type Point } from './points.js';
import type { Reproduction } from './reproduction.js';

/** What issue 4 asks of the rows of convolutional networks, percent. */
export const TARGET_PERCENT = 10;

export function pointsJson(points: readonly Point[]): string {
  return `${JSON.stringify({ points }, undefined, 1)}\n`;
}

/** The verdict and the errors by table, for the terminal. */
export function summary({ points }: Reproduction): string {
  const cnn = points.filter(({ isCnn }) => isCnn);
  const lines = [
    verdict(cnn),
    ...errorRows(points, ({ model, device }) => `${model} on ${device}`).map(
      (cells) => `  ${cells.join('  ')}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The errors against what was asked. */
export function verdict(cnn: readonly Point[]): string {
  const parts = METRICS.map((metric) => {
    const error = mape(cnn, metric);
    return `${NAMES[metric]} ${error.toFixed(1)} % (${error <= TARGET_PERCENT ? 'holds' : 'MISSED'})`;
  });
  return `Mean absolute error over ${cnn.length / METRICS.length} online rows of CNNs, none seen by a fit; asked for is ${TARGET_PERCENT} %: ${parts.join(', ')}.`;
}

export const NAMES: Readonly<Record<Metric, string>> = {
  throughputPerS: 'throughput',
  meanMs: 'mean latency',
};

/** Those with a mean error above the target. */
export function missedTables(points: readonly Point[]): string {
  const rows = errorRows(points, ({ model, device }) => `${model} on ${device}`);
  const missed = rows.filter(
    ([, , throughput, , latency]) => Math.max(Number(throughput), Number(latency)) > TARGET_PERCENT,
  );
  return missed.length === 0 ? 'none' : missed.map(([name]) => name).join(', ');
}

/** Errors by group as Markdown. */
export function errorTable(points: readonly Point[], name: string, by: (point: Point) => string): string {
  return table(
    [name, 'rows', ...METRICS.flatMap((metric) => [`${NAMES[metric]}: mean error %`, 'worst, signed %'])],
    errorRows(points, by),
  );
}

/** Mean and worst error of each group, the group with the larger mean first. */
function errorRows(points: readonly Point[], by: (point: Point) => string): readonly (readonly string[])[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) groups.set(by(point), [...(groups.get(by(point)) ?? []), point]);
  const worst = (own: readonly Point[]) => Math.max(...METRICS.map((metric) => mape(own, metric)));
  return [...groups]
    .sort(([, a], [, b]) => worst(b) - worst(a))
    .map(([name, own]) => [
      name,
      String(own.length / METRICS.length),
      ...METRICS.flatMap((metric) => [
        mape(own, metric).toFixed(1),
        signed(own.find((point) => point.metric === metric)!.errorPercent),
      ]),
    ]);
}

const COLUMNS = [
  'model',
  'device',
  'concurrency',
  'isCnn',
  'metric',
  'measured',
  'predicted',
  'low',
  'high',
  'errorPercent',
] as const;

/** All points, one a line. */
export function csv(points: readonly Point[]): string {
  const lines = points.map((point) => COLUMNS.map((name) => csvField(String(point[name]))).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

/** Points of the CNNs by GPU, as SVG. */
export function chart(points: readonly Point[], metric: Metric, unit: string): string {
  const own = points.filter((point) => point.isCnn && point.metric === metric);
  const devices = [...new Set(own.map(({ device }) => device))].sort();
  const groups = devices.map((name) => ({ name, points: own.filter(({ device }) => device === name) }));
  return predictedMeasuredChart(groups, { unit, bandPercent: TARGET_PERCENT, width: 560 });
}
