import type { TableFit } from './fit.js';
import { fitGpus, type GpuFit } from './fit-gpu.js';
import { fitTable } from './fit-table.js';
import { type Point, pointsOf } from './points.js';
import { type PredictedRow, predictTable } from './predict.js';
import type { NvidiaTable, NvidiaTables } from './tables.js';

/** One front end per GPU (the rule of issue 4), or a fit of its own for every table, for comparison. */
export type FitMode = 'gpu' | 'table';

/** All fits, what they predict, and how far off that is. */
export interface Reproduction {
  /** Empty where every table has its own fit. */
  readonly gpus: readonly GpuFit[];
  readonly fits: readonly TableFit[];
  readonly rows: readonly PredictedRow[];
  /** Worst first. */
  readonly points: readonly Point[];
  readonly withoutOffline: readonly string[];
}

/** Fits and predicts the online rows that no fit saw. */
export function reproduceNvidia(
  { tables, withoutOffline }: NvidiaTables,
  mode: FitMode = 'gpu',
  onProgress: (what: string) => void = () => {},
): Reproduction {
  const gpus = mode === 'gpu' ? fitGpus(tables, onProgress) : [];
  const fits = mode === 'gpu' ? gpus.flatMap((gpu) => gpu.tables) : fitEach(tables, onProgress);
  onProgress('predictions');
  const rows = fits.flatMap(predictTable);
  return { gpus, fits, rows, points: pointsOf(rows), withoutOffline };
}

function fitEach(tables: readonly NvidiaTable[], onProgress: (what: string) => void): readonly TableFit[] {
  return tables.map((table, i) => {
    onProgress(`${i + 1}/${tables.length} ${table.name} on ${table.device}`);
    return fitTable(table);
  });
}
