import * as Plot from '@observablehq/plot';
import { textWidth } from './svg.js';
import type { ChartTheme } from './theme.js';

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly symbol: 'line' | 'square' | 'dot';
  readonly dash?: string;
  /** Of a square. Default: 1. */
  readonly opacity?: number;
}

/** Marks of a legend above the frame, and the height it takes. */
export interface Legend {
  readonly marks: readonly Plot.Markish[];
  readonly height: number;
}

const ROW_HEIGHT = 18;
const SWATCH = 18;
const GAP = 16;

/**
 * A legend inside the drawing, so that a chart is one piece: entries in reading order, in rows of at
 * most `width` pixels, the last row `offset` pixels above the frame (room for the axis label).
 */
export function legend(
  entries: readonly LegendEntry[],
  options: { readonly width: number; readonly offset?: number; readonly theme: ChartTheme },
): Legend {
  const placed = place(entries, options.width);
  const rows = placed.length === 0 ? 0 : placed[placed.length - 1]!.row + 1;
  const top = (row: number) => -(options.offset ?? 36) - (rows - 1 - row) * ROW_HEIGHT;
  const marks = placed.flatMap(({ entry, row, left }) => [
    swatch(entry, left, top(row)),
    Plot.text([entry.label], {
      frameAnchor: 'top-left',
      dx: left + SWATCH + 4,
      dy: top(row),
      lineAnchor: 'middle',
      fill: options.theme.ink,
    }),
  ]);
  return { marks, height: rows * ROW_HEIGHT };
}

interface PlacedEntry {
  readonly entry: LegendEntry;
  readonly row: number;
  readonly left: number;
}

function place(entries: readonly LegendEntry[], width: number): readonly PlacedEntry[] {
  const placed: PlacedEntry[] = [];
  let row = 0;
  let left = 0;
  for (const entry of entries) {
    const needed = SWATCH + 4 + textWidth(entry.label);
    if (left > 0 && left + needed > width) {
      row++;
      left = 0;
    }
    placed.push({ entry, row, left });
    left += needed + GAP;
  }
  return placed;
}

/** A short line, a square or a dot, its centre `top` pixels below the upper edge of the frame. */
function swatch({ colour, symbol, dash, opacity = 1 }: LegendEntry, left: number, top: number): Plot.Markish {
  const centre = { frameAnchor: 'top-left', dx: left + SWATCH / 2, dy: top } as const;
  if (symbol === 'dot') return Plot.dot([0], { ...centre, r: 4, fill: colour });
  if (symbol === 'square') {
    return Plot.dot([0], { ...centre, r: 6, symbol: 'square', fill: colour, fillOpacity: opacity });
  }
  return Plot.vector([0], {
    ...centre,
    length: SWATCH,
    rotate: 90,
    anchor: 'middle',
    shape: plainLine,
    stroke: colour,
    strokeWidth: 2,
    ...(dash !== undefined && { strokeDasharray: dash }),
  });
}

const plainLine: Plot.VectorShapeImplementation = {
  draw(context, length) {
    context.moveTo(0, 0);
    context.lineTo(0, -length);
  },
};
