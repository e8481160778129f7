import { fitTable, type TableFit } from './fit-table.js';
import { type Point, pointsOf } from './points.js';
import { type PredictedRow, predictTable } from './predict.js';
import type { NvidiaTables } from './tables.js';

/** All fits, what they predict, and how far off that is. */
export interface Reproduction {
  readonly fits: readonly TableFit[];
  readonly rows: readonly PredictedRow[];
  /** Worst first. */
  readonly points: readonly Point[];
  readonly withoutOffline: readonly string[];
}

/** Fits every table by itself and predicts the rows that its fit did not see. */
export function reproduceNvidia(
  { tables, withoutOffline }: NvidiaTables,
  onProgress: (what: string) => void = () => {},
): Reproduction {
  const fits = tables.map((table, i) => {
    onProgress(`${i + 1}/${tables.length} ${table.name} on ${table.device}`);
    return fitTable(table);
  });
  const rows = fits.flatMap(predictTable);
  return { fits, rows, points: pointsOf(rows), withoutOffline };
}
