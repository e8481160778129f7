import type * as Plot from '@observablehq/plot';
import { type AxisOptions, horizontalAxis, verticalAxis } from './axes.js';
import { type LegendEntry, legend } from './legend.js';
import { type ChartFrame, type ChartOptions, DEFAULT_WIDTH, marginTopFor, renderChart } from './svg.js';
import { paperTheme } from './theme.js';

/** Pixels beside and below the frame. */
export interface Margin {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

/** Of charts whose vertical axis has numbers of any size. */
export const WIDE_MARGIN: Margin = { left: 64, right: 24, bottom: 44 };

export interface FramedChart extends Pick<ChartFrame, 'description' | 'marks'> {
  /** Of the picture without its legend. */
  readonly height: number;
  readonly margin: Margin;
  readonly legend?: readonly LegendEntry[];
  readonly x?: Plot.ScaleOptions;
  readonly y: Plot.ScaleOptions;
  readonly xAxis: AxisOptions;
  readonly yAxis: AxisOptions;
}

/** A chart with an axis to the left and one below, its legend above the frame. */
export function framedChart(chart: FramedChart, options: ChartOptions): string {
  const { description, height, margin, legend: entries = [], x, y, xAxis, yAxis, marks } = chart;
  const { theme = paperTheme, width = DEFAULT_WIDTH } = options;
  const key = legend(entries, { width: width - margin.left - margin.right, theme });
  return renderChart(
    {
      description,
      height: height + key.height,
      marginTop: marginTopFor(key.height),
      marginLeft: margin.left,
      marginRight: margin.right,
      marginBottom: margin.bottom,
      x: { label: null, ...x },
      y: { label: null, ...y },
      marks: [
        ...verticalAxis({ grid: theme, ...yAxis, marginLeft: margin.left }),
        ...horizontalAxis(xAxis),
        ...marks,
        ...key.marks,
      ],
    },
    options,
  );
}
