import * as Plot from '@observablehq/plot';
import { formatNumber, formatPercent } from '../format.js';
import { uniqueShortNames } from '../short-names.js';
import type { AxisMatrix } from '../sweep/sweep-matrix.js';
import { type ChartOptions, DEFAULT_WIDTH, marginFor, renderChart } from './svg.js';
import { paperTheme } from './theme.js';

export interface HeatMapOptions extends ChartOptions {
  readonly xLabel: string;
  readonly yLabel: string;
  /** What the colours show, with its unit. */
  readonly label: string;
  /** Whether the figures are shares 0..1, shown in percent. */
  readonly isShare?: boolean;
}

/** From light to dark: one hue, so that it reads without colour too (ColorBrewer's Blues, C. Brewer, Apache-2.0). */
const SHADES = ['#f7fbff', '#deebf7', '#c6dbef', '#9ecae1', '#6baed6', '#4292c6', '#2171b5', '#08519c'];
/** From this shade on, text on it is white. */
const FIRST_DARK = 5;
const ROW_HEIGHT = 26;
/** Narrower cells have no room for their figure. */
const TEXT_WIDTH = 44;

/** A figure over two axes, a coloured cell for each pair of values; empty where nothing is known. */
export function sweepHeatMap({ x, y, means }: AxisMatrix, options: HeatMapOptions): string {
  const { theme = paperTheme, width = DEFAULT_WIDTH, xLabel, yLabel, isShare = false } = options;
  const label = isShare ? `${options.label}, %` : options.label;
  const columns = uniqueShortNames(x.map(String), 14);
  const rows = uniqueShortNames(y.map(String), 24);
  const marginLeft = marginFor([...rows, yLabel]);
  const shade = shadeOf(means.flat());
  const cells = means.flatMap((row, j) =>
    row.flatMap((value, i) =>
      Number.isNaN(value) ? [] : [{ x: columns[i]!, y: rows[j]!, value, shade: shade(value) }],
    ),
  );
  const hasRoom = (width - marginLeft) / columns.length >= TEXT_WIDTH;
  const caption = { textAnchor: 'start', dy: -16, fill: theme.ink } as const;
  return renderChart(
    {
      description: `${label} over ${xLabel} and ${yLabel}`,
      height: 70 + ROW_HEIGHT * rows.length,
      marginTop: 34,
      marginBottom: 36,
      marginLeft,
      marginRight: 10,
      x: {
        type: 'band',
        domain: [...columns],
        label: xLabel,
        labelAnchor: 'center',
        labelArrow: 'none',
        padding: 0.04,
      },
      y: { type: 'band', domain: [...rows], label: null, padding: 0.04 },
      marks: [
        ...cellMarks(cells, hasRoom, isShare ? formatPercent : formatNumber),
        Plot.text([yLabel], { ...caption, frameAnchor: 'top-left', dx: 8 - marginLeft }),
        Plot.text([`colour: ${label}`], { ...caption, frameAnchor: 'top-right', textAnchor: 'end' }),
      ],
    },
    { ...options, width },
  );
}

interface Cell {
  readonly x: string;
  readonly y: string;
  readonly value: number;
  /** Index into {@link SHADES}. */
  readonly shade: number;
}

function cellMarks(
  cells: readonly Cell[],
  withFigures: boolean,
  format: (value: number) => string,
): Plot.Markish[] {
  const at = { x: 'x', y: 'y' } as const;
  const coloured = Plot.cell(cells, { ...at, fill: ({ shade }: Cell) => SHADES[shade]! });
  if (!withFigures) return [coloured];
  const figures = Plot.text(cells, {
    ...at,
    text: ({ value }: Cell) => format(value),
    fill: ({ shade }: Cell) => (shade >= FIRST_DARK ? '#ffffff' : '#1f2328'),
  });
  return [coloured, figures];
}

function shadeOf(values: readonly number[]): (value: number) => number {
  const known = values.filter((value) => Number.isFinite(value));
  const low = known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return (value) => (high > low ? Math.round(((value - low) / (high - low)) * (SHADES.length - 1)) : 1);
}
