import { shippedProfile } from '../profiles/published.js';
import { worstFirst } from '../support/points.js';
import { fitGpus, type GpuFit } from './fit.js';
import { type Point, predictTable } from './predict.js';
import { profileFor } from './shipped.js';
import type { NvidiaTable, NvidiaTables } from './tables.js';

/** All fits, what they predict, and how far off that is. */
export interface Reproduction {
  readonly gpus: readonly GpuFit[];
  /** Worst first. */
  readonly points: readonly Point[];
  readonly withoutOffline: readonly string[];
}

interface HowToFit {
  /** Tables of whose online rows the front ends may see none. */
  readonly isLeftOut?: (table: NvidiaTable) => boolean;
  /** Whether shipped profiles predict, as they are; otherwise the fits themselves do. */
  readonly isShipped?: boolean;
  readonly onProgress?: (what: string) => void;
}

/** Fits one front end per GPU and predicts the online rows that it did not see. */
export function reproduceNvidia(
  { tables, withoutOffline }: NvidiaTables,
  { isLeftOut = () => false, isShipped = false, onProgress = () => {} }: HowToFit = {},
): Reproduction {
  const gpus = fitGpus(tables, isLeftOut, onProgress);
  onProgress('predictions');
  const points = gpus
    .flatMap((gpu) => gpu.tables)
    .flatMap((fit) => predictTable(fit, (isShipped && profileFor(fit.table, shippedProfile)) || fit));
  return { gpus, points: worstFirst(points), withoutOffline };
}
