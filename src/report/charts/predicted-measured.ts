import * as Plot from '@observablehq/plot';
import { shortName } from '../short-names.js';
import { framedChart, WIDE_MARGIN } from './framed.js';
import type { LegendEntry } from './legend.js';
import { isLogDrawable, logDomain, logTicks, tickText } from './scales.js';
import { type ChartOptions, DEFAULT_WIDTH, marginFor } from './svg.js';
import { type ChartTheme, colourOf, paperTheme } from './theme.js';

/** Figures of one kind, predicted and measured, in the same unit. */
export interface PredictedMeasured {
  readonly name: string;
  readonly points: readonly { readonly predicted: number; readonly measured: number }[];
}

export interface PredictedMeasuredOptions extends ChartOptions {
  /** Unit of both axes, e.g. `ms`. */
  readonly unit: string;
  /** Half width of the band around equality that is shaded, in percent; 10 by default. */
  readonly bandPercent?: number;
}

/** Predicted over measured on equal log axes: on the diagonal the two are the same. */
export function predictedMeasuredChart(
  groups: readonly PredictedMeasured[],
  options: PredictedMeasuredOptions,
): string {
  const { theme = paperTheme, width = Math.round(DEFAULT_WIDTH / 2), unit, bandPercent = 10 } = options;
  const drawn = groups.map(({ name, points }) => ({
    name,
    points: points.filter(({ predicted, measured }) => isLogDrawable(predicted) && isLogDrawable(measured)),
  }));
  const domain = logDomain(
    drawn.flatMap(({ points }) => points.flatMap((point) => [point.predicted, point.measured])),
  );
  const ticks = logTicks(domain);
  const scale: Plot.ScaleOptions = { type: 'log', domain };
  return framedChart(
    {
      description: 'Predicted over measured',
      // As high as it is wide, within the frame.
      height: width - 14,
      margin: { ...WIDE_MARGIN, left: Math.max(WIDE_MARGIN.left, marginFor(ticks.map(tickText))) },
      legend: groupLegend(drawn, theme),
      x: scale,
      y: scale,
      xAxis: { label: `measured, ${unit} (log scale)`, ticks, grid: theme },
      yAxis: { label: `predicted, ${unit} (log scale); shaded: ±${bandPercent} %`, ticks },
      marks: [
        ...diagonalMarks(domain, bandPercent, theme),
        ...drawn.map(({ points }, i) => dots(points, i, theme)),
      ],
    },
    { ...options, width },
  );
}

function diagonalMarks(
  [low, high]: readonly [number, number],
  bandPercent: number,
  theme: ChartTheme,
): readonly Plot.Markish[] {
  const factor = 1 + bandPercent / 100;
  const ends = [low, high].map((at) => ({
    at,
    // Kept inside the frame: the corners of the band would stick out.
    above: Math.min(at * factor, high),
    below: Math.max(at / factor, low),
  }));
  const corners = [
    { at: low * factor, above: Math.min(low * factor * factor, high), below: low },
    { at: high / factor, above: high, below: Math.max(high / factor / factor, low) },
  ];
  const band = [...ends, ...corners].filter(({ at }) => at >= low && at <= high).sort((a, b) => a.at - b.at);
  return [
    Plot.areaY(band, { x: 'at', y1: 'below', y2: 'above', fill: theme.muted, fillOpacity: 0.15 }),
    Plot.line(ends, { x: 'at', y: 'at', stroke: theme.muted, strokeWidth: 1.2 }),
  ];
}

function dots(points: PredictedMeasured['points'], index: number, theme: ChartTheme): Plot.Markish {
  return Plot.dot(points, {
    x: 'measured',
    y: 'predicted',
    r: 3,
    stroke: colourOf(theme, index),
    fill: colourOf(theme, index),
    fillOpacity: 0.35,
  });
}

function groupLegend(groups: readonly PredictedMeasured[], theme: ChartTheme): LegendEntry[] {
  if (groups.length < 2) return [];
  return groups.map(({ name }, i) => ({ label: shortName(name), colour: colourOf(theme, i), symbol: 'dot' }));
}
