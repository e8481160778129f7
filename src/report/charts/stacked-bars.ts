import * as Plot from '@observablehq/plot';
import { uniqueShortNames } from '../short-names.js';
import { bandAxis, horizontalAxis } from './axes.js';
import { legend } from './legend.js';
import { type Domain, domainFromZero, drawable, tickText } from './scales.js';
import { type ChartOptions, DEFAULT_WIDTH, marginFor, renderChart, textWidth } from './svg.js';
import { paperTheme } from './theme.js';

export interface StackedBar {
  readonly name: string;
  /** One value per part; negative and unknown ones are drawn as nothing. */
  readonly values: readonly number[];
  /** Text behind the end of the bar. */
  readonly label: string;
}

export interface StackedBarsOptions extends ChartOptions {
  readonly description: string;
  /** Name of the values with their unit. */
  readonly label: string;
  readonly parts: readonly { readonly name: string; readonly colour: string }[];
  readonly domain?: Domain;
  readonly tickFormat?: (value: number) => string;
}

const ROW_HEIGHT = 30;

/** Horizontal stacked bars, one row per thing, the parts named in a legend. */
export function stackedBars(bars: readonly StackedBar[], options: StackedBarsOptions): string {
  const { theme = paperTheme, width = DEFAULT_WIDTH, parts, tickFormat = tickText } = options;
  const names = uniqueShortNames(bars.map(({ name }) => name));
  const pieces = bars.flatMap((bar, row) => piecesOf(bar, names[row]!));
  const ends = bars.map(({ label }, row) => ({ name: names[row]!, end: endOf(pieces, names[row]!), label }));
  const domain = options.domain ?? domainFromZero(ends.map(({ end }) => end));
  const marginLeft = marginFor(names);
  const marginRight = Math.max(24, ...bars.map(({ label }) => Math.ceil(textWidth(label)) + 14));
  const key = legend(
    parts.map(({ name, colour }) => ({ label: name, colour, symbol: 'square' as const })),
    { width: width - marginLeft - marginRight, offset: 14, theme },
  );
  const marginTop = key.height + 8;
  return renderChart(
    {
      description: options.description,
      height: bars.length * ROW_HEIGHT + marginTop + 44,
      marginTop,
      marginLeft,
      marginRight,
      marginBottom: 44,
      x: { domain: [...domain], label: null },
      y: { type: 'band', domain: [...names], label: null, padding: 0.3 },
      marks: [
        ...horizontalAxis({ label: options.label, ticks: 6, tickFormat, grid: theme }),
        bandAxis(),
        ...parts.map(({ colour }, part) =>
          Plot.barX(
            pieces.filter((piece) => piece.part === part),
            { x1: 'from', x2: 'to', y: 'name', fill: colour },
          ),
        ),
        Plot.text(ends, { x: 'end', y: 'name', text: 'label', textAnchor: 'start', dx: 6, fill: theme.ink }),
        ...key.marks,
      ],
    },
    options,
  );
}

interface Piece {
  readonly name: string;
  readonly part: number;
  readonly from: number;
  readonly to: number;
}

function piecesOf({ values }: StackedBar, name: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const [part, value] of values.entries()) {
    if (!(drawable(value) > 0)) continue;
    pieces.push({ name, part, from, to: from + value });
    from += value;
  }
  return pieces;
}

function endOf(pieces: readonly Piece[], name: string): number {
  return pieces.reduce((end, piece) => (piece.name === name ? Math.max(end, piece.to) : end), 0);
}
