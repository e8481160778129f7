import { csvOf } from '../base/csv.js';
import type { AxisValue } from './axis.js';
import { type ColumnType, ROW_COLUMNS, type SweepCell, type SweepRow } from './row.js';

export interface SweepColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly cells: readonly SweepCell[];
}

export interface PointRows {
  readonly number: number;
  readonly values: readonly AxisValue[];
  readonly key: string;
  readonly rows: readonly SweepRow[];
}

/** The results of a sweep: which point, where on the axes, and what came of it; a row for each tenant and the total. */
export interface SweepTable {
  readonly axes: readonly string[];
  readonly columns: readonly SweepColumn[];
}

/** Puts the points together, in their order. */
export function sweepTable(axes: readonly string[], points: readonly PointRows[]): SweepTable {
  const repeat = (cellOf: (point: PointRows) => SweepCell) =>
    points.flatMap((point) => point.rows.map(() => cellOf(point)));
  const axisColumns = axes.map((name, i): SweepColumn => {
    const cells = repeat(({ values }) => values[i]!);
    const type = typeOf(cells);
    return { name, type, cells: type === 'text' ? cells.map(String) : cells };
  });
  return {
    axes,
    columns: [
      { name: 'point', type: 'count', cells: repeat(({ number }) => number) },
      ...axisColumns,
      ...ROW_COLUMNS.map(({ name, type }) => ({
        name,
        type,
        cells: points.flatMap(({ rows }) => rows.map((row) => row[name] ?? null)),
      })),
      { name: 'key', type: 'text', cells: repeat(({ key }) => key) },
    ],
  };
}

/** Axes may mix numbers and words: then all of them are words. */
function typeOf(cells: readonly SweepCell[]): ColumnType {
  if (cells.every((cell) => typeof cell === 'number')) return 'number';
  return cells.every((cell) => typeof cell === 'boolean') ? 'flag' : 'text';
}

/** Cells of one row by column name. */
export function tableRow({ columns }: SweepTable, row: number): SweepRow {
  return Object.fromEntries(columns.map(({ name, cells }) => [name, cells[row]!]));
}

export function tableLength({ columns }: SweepTable): number {
  return columns[0]!.cells.length;
}

/** The table as CSV; what is not known is an empty field. */
export function sweepTableToCsv(table: SweepTable): string {
  const rows = Array.from({ length: tableLength(table) }, (_, row) =>
    table.columns.map(({ cells }) => cells[row]!),
  );
  return csvOf(
    table.columns.map(({ name }) => name),
    rows,
  );
}
