import { shippedProfile } from '../profiles/published.js';
import { worstFirst } from '../support/points.js';
import { fitGpus, fitTable, type GpuFit, type TableFit } from './fit.js';
import { type Point, predictTable } from './predict.js';
import { profileFor } from './shipped.js';
import type { NvidiaTable, NvidiaTables } from './tables.js';

/** All fits, what they predict, and how far off that is. */
export interface Reproduction {
  /** Empty where every table has its own fit. */
  readonly gpus: readonly GpuFit[];
  readonly fits: readonly TableFit[];
  /** Worst first. */
  readonly points: readonly Point[];
  readonly withoutOffline: readonly string[];
}

export interface HowToFit {
  /** One front end per GPU (the rule of issue 4, and where left out), or a fit of its own for every table, for comparison. */
  readonly mode?: 'gpu' | 'table';
  /** Tables of whose online rows the front ends may see none. */
  readonly isLeftOut?: (table: NvidiaTable) => boolean;
  /** Whether shipped profiles predict, as they are; otherwise the fits themselves do. */
  readonly isShipped?: boolean;
  readonly onProgress?: (what: string) => void;
}

/** Fits and predicts the online rows that no fit saw. */
export function reproduceNvidia(
  { tables, withoutOffline }: NvidiaTables,
  { mode = 'gpu', isLeftOut = () => false, isShipped = false, onProgress = () => {} }: HowToFit = {},
): Reproduction {
  const gpus = mode === 'gpu' ? fitGpus(tables, isLeftOut, onProgress) : [];
  const fits = mode === 'gpu' ? gpus.flatMap((gpu) => gpu.tables) : tables.map(fitEach);
  onProgress('predictions');
  return {
    gpus,
    fits,
    points: worstFirst(
      fits.flatMap((fit) => predictTable(fit, (isShipped && profileFor(fit.table, shippedProfile)) || fit)),
    ),
    withoutOffline,
  };

  function fitEach(table: NvidiaTable, i: number): TableFit {
    onProgress(`${i + 1}/${tables.length} ${table.name} on ${table.device}`);
    return fitTable(table);
  }
}
