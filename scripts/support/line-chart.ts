import * as Plot from '@observablehq/plot';
import { framedChart } from '../../src/report/charts/framed.js';
import { drawable } from '../../src/report/charts/scales.js';
import { colourOf, paperTheme } from '../../src/report/charts/theme.js';

/** One series of a chart of a page. */
export interface LineSeries {
  readonly label: string;
  /** Of the theme; series that belong together share one. */
  readonly colour: number;
  readonly drawnAs: 'line' | 'dashes' | 'dots';
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChart {
  readonly description: string;
  readonly width: number;
  /** Without the legend. */
  readonly height: number;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x?: Plot.ScaleOptions;
  readonly y: Plot.ScaleOptions;
  readonly yTicks?: readonly number[];
  /** Beside the frame. */
  readonly marginRight?: number;
  readonly stroke: { readonly strokeWidth: number; readonly strokeLinejoin?: 'round' };
  readonly dot: { readonly r: number; readonly fillOpacity?: number };
}

const DASH = '6 3';

/** Lines and dots over one axis, with a legend above the frame. */
export function lineChart(all: readonly LineSeries[], chart: LineChart): string {
  const theme = paperTheme;
  const entries = all.map(({ label, colour, drawnAs }) => ({
    label,
    colour: colourOf(theme, colour),
    symbol: drawnAs === 'dots' ? ('dot' as const) : ('line' as const),
    ...(drawnAs === 'dashes' && { dash: DASH }),
  }));
  return framedChart(
    {
      description: chart.description,
      height: chart.height,
      margin: { left: 60, right: chart.marginRight ?? 20, bottom: 44 },
      legend: entries,
      ...(chart.x && { x: chart.x }),
      y: chart.y,
      xAxis: { label: chart.xLabel, grid: theme },
      yAxis: { label: chart.yLabel, ...(chart.yTicks && { ticks: chart.yTicks }) },
      marks: all.map((series) => seriesMark(series, chart)),
    },
    { width: chart.width },
  );
}

function seriesMark(series: LineSeries, { stroke, dot }: LineChart): Plot.Markish {
  const colour = colourOf(paperTheme, series.colour);
  const points = series.points.map(({ x, y }) => ({ x: drawable(x), y: drawable(y) }));
  if (series.drawnAs === 'dots') return Plot.dot(points, { x: 'x', y: 'y', ...dot, fill: colour });
  const dash = series.drawnAs === 'dashes' ? { strokeDasharray: DASH } : {};
  return Plot.line(points, { x: 'x', y: 'y', stroke: colour, ...stroke, ...dash });
}
