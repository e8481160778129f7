import * as Plot from '@observablehq/plot';
import { horizontalAxis, verticalAxis } from '../../src/report/charts/axes.js';
import { legend } from '../../src/report/charts/legend.js';
import { marginTopFor, renderChart } from '../../src/report/charts/svg.js';
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
  const key = legend(entries, { width: chart.width - MARGIN.left - MARGIN.right, theme });
  const marginTop = marginTopFor(key.height);
  const ticks = chart.yTicks === undefined ? {} : { ticks: chart.yTicks };
  return renderChart(
    {
      description: chart.description,
      height: chart.height + key.height,
      marginTop,
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginBottom: MARGIN.bottom,
      x: { ...chart.x, label: null },
      y: { ...chart.y, label: null },
      marks: [
        ...horizontalAxis({ label: chart.xLabel, grid: theme }),
        ...verticalAxis({ label: chart.yLabel, ...ticks, grid: theme, marginLeft: MARGIN.left }),
        ...all.map((series) => seriesMark(series, chart)),
        ...key.marks,
      ],
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
