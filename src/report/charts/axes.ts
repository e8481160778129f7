import * as Plot from '@observablehq/plot';
import { tickText } from './scales.js';
import type { ChartTheme } from './theme.js';

export interface AxisOptions {
  /** Name of the values with their unit. */
  readonly label: string;
  /** Where to mark; about so many places where it is a number. */
  readonly ticks?: readonly number[] | number;
  readonly tickFormat?: (value: number) => string;
  /** Lines across the frame at the ticks, in this theme's grid colour. */
  readonly grid?: ChartTheme;
}

/** Marks of the horizontal axis, its label centred below. */
export function horizontalAxis({
  label,
  ticks = 8,
  tickFormat = tickText,
  grid,
}: AxisOptions): Plot.Markish[] {
  return [
    ...(grid ? [Plot.gridX({ ticks, stroke: grid.grid, strokeOpacity: 1 })] : []),
    Plot.axisX({ label, labelAnchor: 'center', labelArrow: 'none', text: tickFormat, ticks }),
  ];
}

/** Marks of the vertical axis, its label upright above the upper end, over the axis's margin. */
export function verticalAxis(options: AxisOptions & { readonly marginLeft: number }): Plot.Markish[] {
  const { label, ticks = 5, tickFormat = tickText, grid, marginLeft } = options;
  return [
    ...(grid ? [Plot.gridY({ ticks, stroke: grid.grid, strokeOpacity: 1 })] : []),
    Plot.axisY({ label: null, text: tickFormat, ticks }),
    verticalLabel(label, marginLeft),
  ];
}

/** Names of the rows of a band scale. */
export function bandAxis(): Plot.Markish {
  return Plot.axisY({ label: null, tickSize: 0 });
}

export function verticalLabel(label: string, marginLeft: number): Plot.Markish {
  return Plot.text([label], {
    frameAnchor: 'top-left',
    textAnchor: 'start',
    lineAnchor: 'middle',
    dx: 8 - marginLeft,
    dy: -16,
    fill: 'currentColor',
  });
}
