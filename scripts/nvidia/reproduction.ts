import { tableProfile } from '../profiles/triton-tables.js';
import { worstFirst } from '../support/points.js';
import { withIntervals } from './doubt.js';
import { fitGpus, type GpuFit, seenTables, type TableFit, tablesToFit } from './fit.js';
import { type Point, predictTable, residualDeviation } from './predict.js';
import { profileFor } from './shipped.js';
import type { NvidiaTable, NvidiaTables } from './tables.js';
import { endsOf, type Published, predictUnseen } from './unseen.js';

/** All fits, what they predict, and how far off that is. */
export interface Reproduction {
  readonly gpus: readonly GpuFit[];
  /** Worst first. */
  readonly points: readonly Point[];
  readonly withoutOffline: readonly string[];
  /** Whether shipped profiles predicted. */
  readonly isShipped: boolean;
}

interface HowToFit {
  /** Tables of whose online rows the front ends may see none. */
  readonly isLeftOut?: (table: NvidiaTable) => boolean;
  /** Whether shipped profiles predict, as they are; otherwise they are made anew under the fitted front ends. */
  readonly isShipped?: boolean;
  /** For GPUs of which no row tells enough. */
  readonly published?: Published | undefined;
  readonly onProgress?: (what: string) => void;
}

/** Fits one front end per GPU and predicts the online rows that it did not see. */
export function reproduceNvidia(
  { tables, withoutOffline }: NvidiaTables,
  { isLeftOut = () => false, isShipped = false, published, onProgress = () => {} }: HowToFit = {},
): Reproduction {
  const gpus = fitGpus(tables, isLeftOut, onProgress);
  onProgress('predictions');
  const isUnseen = ({ table }: TableFit, { front }: GpuFit) =>
    isLeftOut(table) || front.residuals.length === 0;
  const predicted = gpus.flatMap((gpu) => {
    const seen = gpu.tables.filter((fit) => !isUnseen(fit, gpu));
    const unseen = gpu.tables.filter((fit) => isUnseen(fit, gpu)).map(({ table }) => table);
    return [
      ...seen.map((fit) => {
        const { table } = fit;
        const frontEnds = { [gpu.device]: gpu.front.frontEnd };
        const profile = tableProfile(table.name, table.offlineRows, { frontEnds });
        const { isOpen, residuals } = doubtOf(gpu, { gpus, isLeftOut });
        const by = (isShipped && profileFor(table)) || profile;
        const least = (isOpen ? published?.deviation : undefined) ?? 0;
        return {
          group: table.device,
          points: predictTable(fit, by, isOpen ? endsOf(profile) : []),
          deviation: Math.max(least, residualDeviation(residuals)),
          sawGroup: true,
          isOpen,
        };
      }),
      ...predictUnseen(unseen, gpus, published),
    ];
  });
  const points = withIntervals(predicted).flatMap((table) => table.points);
  return { gpus, points: worstFirst(points), withoutOffline, isShipped };
}

interface AllFits {
  readonly gpus: readonly GpuFit[];
  readonly isLeftOut: (table: NvidiaTable) => boolean;
}

/**
 * What tells how far off a fit may be: the rows that it saw. A front end that would have seen rows that are left out has few
 * others, and describes them better than what it did not see: then the rows of all GPUs tell it. What a fit of one table says of
 * others, and of another load, is as open as if there were none.
 */
function doubtOf(gpu: GpuFit, { gpus, isLeftOut }: AllFits) {
  const lacks = tablesToFit(gpu.tables.map(({ table }) => table)).some(isLeftOut);
  if (lacks && gpus.length > 1)
    return { residuals: gpus.flatMap(({ front }) => front.residuals), isOpen: false };
  return { residuals: gpu.front.residuals, isOpen: lacks || seenTables(gpu.tables).length <= 1 };
}
