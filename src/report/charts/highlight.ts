import { uniqueShortNames } from '../short-names.js';
import type { LegendEntry } from './legend.js';
import { type ChartTheme, colourOf, dashOf } from './theme.js';

/** The most series told apart by colour; the rest are drawn in grey behind them. */
export const MAX_COLOURED = 8;

/** The most series drawn at all: more would be one grey surface. */
export const MAX_DRAWN = 40;

/** The most rows of a chart that has one per tenant or device. */
export const MAX_ROWS = 40;

/** How one of many series is drawn. */
export interface SeriesLook {
  readonly colour: string;
  readonly dash: string;
  readonly width: number;
  readonly opacity: number;
}

/** The n-th of many series: coloured, or grey where there are more than colours. */
export function lookOf(index: number, theme: ChartTheme): SeriesLook {
  if (index >= MAX_COLOURED) return { colour: theme.muted, dash: 'none', width: 1, opacity: 0.35 };
  return { colour: colourOf(theme, index), dash: dashOf(index), width: 2, opacity: 1 };
}

/** Legend of all the series of a chart with lines; those in grey share an entry. */
export function lineLegend(names: readonly string[], theme: ChartTheme): readonly LegendEntry[] {
  const coloured = uniqueShortNames(names.slice(0, MAX_COLOURED)).map((label, i): LegendEntry => {
    const { colour, dash } = lookOf(i, theme);
    return { label, colour, dash, symbol: 'line' };
  });
  const rest = names.length - MAX_COLOURED;
  if (rest <= 0) return coloured;
  const drawn = Math.min(names.length, MAX_DRAWN) - MAX_COLOURED;
  const label = drawn < rest ? `${rest} more, ${drawn} of them drawn` : `${rest} more`;
  return [...coloured, { label, colour: theme.muted, symbol: 'line' }];
}
