import * as Plot from '@observablehq/plot';
import { framedChart } from '../../src/report/charts/framed.js';
import { domainFromZero, drawable } from '../../src/report/charts/scales.js';
import type { ChartOptions } from '../../src/report/charts/svg.js';
import { type ChartTheme, colourOf, paperTheme } from '../../src/report/charts/theme.js';
import { shortName } from '../../src/report/short-names.js';

/** Pairs of throughputs that one set-up reaches together. */
export interface FrontierSeries {
  readonly name: string;
  /** `points` for what was measured, `line` for what is predicted, in order along the frontier. */
  readonly drawnAs: 'points' | 'line';
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Which colour of the theme; series of the same set-up share one. By default its own. */
  readonly colour?: number;
}

export interface FrontierOptions extends ChartOptions {
  /** Names of the axes with their unit, e.g. `ResNet-50, requests/s`. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly height?: number;
}

const MARGIN = { left: 60, right: 24, bottom: 44 };

/** How much throughput of one model is left beside so much of another. */
export function frontierChart(series: readonly FrontierSeries[], options: FrontierOptions): string {
  const { theme = paperTheme, width = 620, height = 380, xLabel, yLabel } = options;
  const points = series.flatMap((one) => one.points);
  return framedChart(
    {
      description: `${yLabel} over ${xLabel}`,
      height,
      margin: MARGIN,
      legend: series.map((one, i) => ({
        label: shortName(one.name, 48),
        colour: colourOf(theme, one.colour ?? i),
        symbol: one.drawnAs === 'line' ? 'line' : 'dot',
      })),
      x: { domain: domainFromZero(points.map(({ x }) => x)) },
      y: { domain: domainFromZero(points.map(({ y }) => y)) },
      xAxis: { label: xLabel, grid: theme },
      yAxis: { label: yLabel },
      marks: series.map((one, i) => seriesMark(one, i, theme)),
    },
    { ...options, width },
  );
}

function seriesMark(series: FrontierSeries, index: number, theme: ChartTheme): Plot.Markish {
  const colour = colourOf(theme, series.colour ?? index);
  const points = series.points.map(({ x, y }) => ({ x: drawable(x), y: drawable(y) }));
  if (series.drawnAs === 'points') return Plot.dot(points, { x: 'x', y: 'y', r: 4, fill: colour });
  return Plot.line(points, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2, strokeLinejoin: 'round' });
}
