import * as Plot from '@observablehq/plot';
import type { Estimate } from '../../metrics/summary.js';
import { shortName } from '../short-names.js';
import type { AxisMatrix } from '../sweep/sweep-matrix.js';
import { framedChart, WIDE_MARGIN } from './framed.js';
import { domainFromZero, drawable, isLogDrawable, logDomain, logTicks } from './scales.js';
import type { ChartOptions } from './svg.js';
import { colourOf, dashOf, paperTheme } from './theme.js';

export interface SweepLinesOptions extends ChartOptions {
  readonly xLabel: string;
  /** What is drawn, with its unit. */
  readonly label: string;
  /** Name of the axis that the lines are of; absent where there is only one line. */
  readonly lineLabel?: string;
  /** Where the points of each line stand, in place of their values of x. */
  readonly places?: readonly (readonly number[])[];
  /** Intervals of the figures, by line, drawn as bands. */
  readonly bands?: readonly (readonly Estimate[])[];
  /** A value of each line that it should stay below; NaN where it has none. */
  readonly limits?: readonly number[];
}

/** Above this ratio of largest to smallest a linear scale would show the large ones only. */
const LOG_RATIO = 30;

/** A figure over a numeric axis, a line for each value of the other. */
export function sweepLines({ x, y, means }: AxisMatrix, options: SweepLinesOptions): string {
  const { theme = paperTheme, xLabel, label, lineLabel, places, limits = [], bands = [] } = options;
  const values = [...means.flat(), ...limits].map(drawable);
  const isLog = values.some(isLogDrawable) && spread(values) > LOG_RATIO;
  const drawn = [...values, ...bands.flat().map(({ high }) => drawable(high))];
  const domain = isLog ? logDomain(drawn) : domainFromZero(drawn);
  const lines = lineLabel === undefined ? [] : y;
  return framedChart(
    {
      description: `${label} over ${xLabel}`,
      height: 320,
      margin: WIDE_MARGIN,
      legend: lines.map((value, i) => ({
        label: `${lineLabel} ${shortName(String(value), 30)}`.trimStart(),
        colour: colourOf(theme, i),
        symbol: 'line',
        dash: dashOf(i),
      })),
      y: { type: isLog ? 'log' : 'linear', domain },
      xAxis: { label: xLabel, grid: theme, ...(places === undefined && wholeTicks(x.map(Number))) },
      yAxis: { label, ...(isLog && { ticks: logTicks(domain) }) },
      marks: means.flatMap((row, j) => {
        const place = places?.[j] ?? x.map(Number);
        const points = row.map((value, i) => ({ x: place[i]!, y: drawable(value) }));
        const colour = colourOf(theme, j);
        return [
          ...bandMarks(place, bands[j] ?? [], colour),
          ...limitMarks(limits[j], colour),
          Plot.line(points, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2, strokeDasharray: dashOf(j) }),
          Plot.dot(points, { x: 'x', y: 'y', r: 2.5, fill: colour }),
        ];
      }),
    },
    options,
  );
}

/** There are no 1.5 instances: few whole numbers side by side are marked one by one. */
function wholeTicks(values: readonly number[]): { ticks?: readonly number[] } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!values.every(Number.isInteger) || !(most - least <= MOST_WHOLE_TICKS)) return {};
  return { ticks: Array.from({ length: most - least + 1 }, (_, i) => least + i) };
}

const MOST_WHOLE_TICKS = 8;

function bandMarks(x: readonly number[], band: readonly Estimate[], colour: string): Plot.Markish[] {
  const points = band.map(({ low, high }, i) => ({
    x: x[i]!,
    low: drawable(low),
    high: drawable(high),
  }));
  if (points.length === 0) return [];
  return [Plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.15 })];
}

function limitMarks(limit: number | undefined, colour: string): Plot.Markish[] {
  if (limit === undefined || Number.isNaN(limit)) return [];
  return [Plot.ruleY([limit], { stroke: colour, strokeDasharray: '6 4', strokeOpacity: 0.7 })];
}

function spread(values: readonly number[]): number {
  const positive = values.filter(isLogDrawable);
  return positive.reduce((a, b) => Math.max(a, b), 0) / positive.reduce((a, b) => Math.min(a, b), Infinity);
}
