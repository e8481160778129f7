import * as Plot from '@observablehq/plot';
import { framedChart } from '../../src/report/charts/framed.js';
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
  readonly strokeWidth: number;
  readonly dot: { readonly r: number; readonly fillOpacity?: number };
}

const MARGIN = { left: 60, right: 20, bottom: 44 };
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
      margin: MARGIN,
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

function seriesMark({ points, colour, drawnAs }: LineSeries, { strokeWidth, dot }: LineChart): Plot.Markish {
  const stroke = colourOf(paperTheme, colour);
  if (drawnAs === 'dots') return Plot.dot(points, { x: 'x', y: 'y', ...dot, fill: stroke });
  const dash = drawnAs === 'dashes' ? { strokeDasharray: DASH } : {};
  return Plot.line(points, { x: 'x', y: 'y', stroke, strokeWidth, ...dash });
}
