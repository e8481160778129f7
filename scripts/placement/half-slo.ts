import { sum } from 'simple-statistics';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { A100_SLICES } from '../profiles/source-names.js';
import { bySlice, type Cell, type SetDemand, type SloSet } from './data.js';
import { coverWithSlices, type SliceDemand } from './slice-cover.js';

/** A set solved under the assumption of its source. */
export type HalfSloPlan = Readonly<ReturnType<typeof planHalfSlo>>;

/**
 * The fewest GPUs under ParvaGPU's assumption: a batch takes at most half the limit (it waits for the
 * one before it and then runs), and the processes of a model's slices complete at least its rate.
 */
export function planHalfSlo(set: SloSet, cells: readonly Cell[], solve: SolveProgram) {
  const started = performance.now();
  const demands = halfSloDemands(set, cells);
  const cover = coverWithSlices(demands, solve, { timeLimitS: 50 });
  const seconds = (performance.now() - started) / 1000;
  // What the compute slices alone would need: no layout rule, each GPU seven of them.
  const sliceBoundGpus =
    cover.unservable.length > 0 ? Infinity : Math.ceil(sum(demands.map(slicesFor)) / COMPUTE_SLICES);
  return { cover, sliceBoundGpus, seconds };
}

/** Of the whole GPU. */
const COMPUTE_SLICES = 7;

/** What a slice of each kind completes of each model when batches take at most half the limit. */
export function halfSloDemands({ demands }: SloSet, cells: readonly Cell[]): readonly SliceDemand[] {
  return demands.map((demand) => ({
    ...demand,
    capacityPerS: bySlice((slice) => bestCell(demand, slice, cells)?.perS ?? 0),
  }));
}

/** The batch size and number of processes with the highest throughput whose batches take at most half the limit. */
export function bestCell(
  { model, limitMs }: SetDemand,
  slice: string,
  cells: readonly Cell[],
): Cell | undefined {
  return cells
    .filter((cell) => cell.model === model && cell.slice === slice && cell.ms <= limitMs / 2)
    .reduce<Cell | undefined>((best, cell) => (best && best.perS >= cell.perS ? best : cell), undefined);
}

/** Compute slices of a model's cheapest mix of slices: dynamic programming over their number. */
function slicesFor({ ratePerS, capacityPerS }: SliceDemand): number {
  const mostPerS = [0];
  for (let count = 1; ; count++) {
    const last = Object.entries(A100_SLICES).map(([size, slice]) =>
      count >= Number(size) ? mostPerS[count - Number(size)]! + (capacityPerS.get(slice) ?? 0) : 0,
    );
    mostPerS.push(Math.max(...last));
    if (mostPerS[count]! >= ratePerS) return count;
  }
}
