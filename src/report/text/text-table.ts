import { printable } from '../../base/printable.js';
import { shortNamesApart } from '../short-names.js';
import type { Cell, Column, Table } from '../tables/table.js';
import { markdownStyle, plainStyle, type Style } from './style.js';
import { pad, truncate, widthOf, wrap } from './width.js';

const GAP = '  ';
/** Names are never cut below this. */
const SHORTEST_NAME = 8;

/**
 * The table as lines of at most `width` columns: title where it has one, header, rows, notes. Where it is too wide,
 * columns that may go do, then the longest texts are cut, or go on in the next line where their column wraps.
 */
export function textTable(table: Table, width: number, style: Style = plainStyle): readonly string[] {
  if (style === markdownStyle) return markdownTable(table);
  const grid = shrinkTexts(dropColumns(measure(table), width), width);
  const header = grid.map(({ column }) => ({ text: column.header, tone: 'quiet' as const }));
  const rows = table.rows.map((_, i) => grid.map(({ cells }) => cells[i]!));
  return [
    ...(table.title === '' ? [] : [style(truncate(printable(table.title), width), 'heading')]),
    ...[header, ...rows].flatMap((row) => linesOf(row, grid)).map((line) => textRow(line, grid, style)),
    ...table.notes.flatMap((note) => wrap(note, width)).map((line) => style(line, 'quiet')),
  ];
}

function markdownTable({ title, columns, rows, notes }: Table): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...(title === '' ? [] : [markdownStyle(markdownText(title), 'heading'), '']),
    line(columns.map(({ header }) => markdownText(header))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows.map((cells) =>
      line(
        cells.map(({ text, tone = 'plain' }) =>
          markdownStyle(markdownText(text), text === '' ? 'plain' : tone),
        ),
      ),
    ),
    ...notes.flatMap((note) => ['', markdownText(note)]),
  ];
}

/** The text on one line, its characters without a meaning to Markdown. */
export function markdownText(text: string): string {
  return printable(text)
    .trim()
    .replace(/[\\`*<>|[\]]/g, '\\$&');
}

interface MeasuredColumn {
  readonly column: Column;
  readonly cells: readonly Cell[];
  readonly width: number;
}

function measure({ columns, rows }: Table): readonly MeasuredColumn[] {
  return columns.map((column, index) => {
    const cells = rows.map((row) => ({ ...row[index]!, text: printable(row[index]!.text) }));
    const width = cells.reduce((most, { text }) => Math.max(most, widthOf(text)), widthOf(column.header));
    return { column, cells, width };
  });
}

function totalWidth(grid: readonly MeasuredColumn[]): number {
  return grid.reduce((sum, { width }) => sum + width, GAP.length * (grid.length - 1));
}

/** Text columns are cut to this before anything is left out for their sake. */
const FAIR_TEXT = 24;

function dropColumns(grid: readonly MeasuredColumn[], width: number): readonly MeasuredColumn[] {
  const excess = totalWidth(grid.map(fairly)) - width;
  const droppable = grid.filter(({ column }) => column.dropRank !== undefined);
  if (excess <= 0 || droppable.length === 0) return grid;
  const first = droppable.reduce((a, b) => (b.column.dropRank! > a.column.dropRank! ? b : a));
  return dropColumns(
    grid.filter((column) => column !== first),
    width,
  );
}

function fairly(column: MeasuredColumn): MeasuredColumn {
  return column.column.align === 'left' ? { ...column, width: Math.min(column.width, FAIR_TEXT) } : column;
}

/** Takes from the widest text column until the table fits; from any column where there is no other way. */
function shrinkTexts(grid: readonly MeasuredColumn[], width: number): readonly MeasuredColumn[] {
  const widths = grid.map((column) => column.width);
  let excess = totalWidth(grid) - width;
  while (excess > 0) {
    const texts = grid
      .map((_, i) => i)
      .filter((i) => grid[i]!.column.align === 'left' && widths[i]! > SHORTEST_NAME);
    const candidates = texts.length > 0 ? texts : grid.map((_, i) => i);
    const widest = candidates.reduce((a, b) => (widths[b]! > widths[a]! ? b : a));
    if (widths[widest]! <= 1) break;
    widths[widest]!--;
    excess--;
  }
  return grid.map((column, i) => cutTo(column, widths[i]!));
}

/** The column with texts of at most `width` columns, different ones different where they can be. */
function cutTo(column: MeasuredColumn, width: number): MeasuredColumn {
  const texts = column.cells.map(({ text }) => text);
  if (column.width <= width) return column;
  if (column.column.wraps === true) return { ...column, width };
  // What shows differences counts characters, which must be as many columns.
  const isPlain = texts.every((text) => widthOf(text) === [...text].length);
  const mayShow = isPlain && column.column.align === 'left' && width >= SHORTEST_NAME;
  const cut = mayShow ? shortNamesApart(texts, width, truncate) : texts.map((text) => truncate(text, width));
  return { ...column, width, cells: column.cells.map((cell, i) => ({ ...cell, text: cut[i]! })) };
}

/** A row as one line of cells, or as several where texts of columns that wrap go on. */
function linesOf(cells: readonly Cell[], grid: readonly MeasuredColumn[]): readonly (readonly Cell[])[] {
  const texts = cells.map(({ text }, i) => {
    const { column, width } = grid[i]!;
    return column.wraps === true ? wrap(text, width) : [text];
  });
  const count = Math.max(...texts.map((lines) => lines.length));
  return Array.from({ length: count }, (_, line) =>
    cells.map((cell, i) => ({ ...cell, text: texts[i]![line] ?? '' })),
  );
}

function textRow(cells: readonly Cell[], grid: readonly MeasuredColumn[], style: Style): string {
  const last = grid.length - 1;
  return cells
    .map(({ text, tone = 'plain' }, i) => {
      const { column, width } = grid[i]!;
      const cut = truncate(text, width);
      // The last column, if left-aligned, needs no blanks after it.
      const filled = i === last && column.align === 'left' ? cut : pad(cut, width, column.align);
      return tone === 'plain' ? filled : style(filled, tone);
    })
    .join(GAP)
    .trimEnd();
}
