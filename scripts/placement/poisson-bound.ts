import type { SolveProgram } from '../../src/plan/integer-program.js';
import { executionMs } from '../../src/plan/screen.js';
import { besideMs, profileOf } from './cell-profile.js';
import { type Cell, type SetDemand, SLICE_NAMES, type SloSet } from './data.js';
import { coverWithSlices } from './slice-cover.js';
import { SLO_SHARE } from './trial.js';

/**
 * No fewer GPUs can meet every SLO at p99, however the requests come and are routed: a request in time
 * is part of an execution that takes no longer than the limit, even if nothing ever waits, and all but
 * one in a hundred must be in time.
 */
export function boundForP99(set: SloSet, cells: readonly Cell[], solve: SolveProgram): number {
  const demands = set.demands.map((demand) => ({
    model: demand.model,
    ratePerS: SLO_SHARE * demand.ratePerS,
    capacityPerS: new Map(SLICE_NAMES.map((slice) => [slice, mostInTimePerS(demand, slice, cells)])),
  }));
  return coverWithSlices(demands, solve, { timeLimitS: 60 }).boundGpus;
}

/** The most that any setting among the cells of the slice completes of requests in time, with full batches of any size. */
export function mostInTimePerS({ model, limitMs }: SetDemand, slice: string, cells: readonly Cell[]): number {
  return cells
    .filter((cell) => cell.model === model && cell.slice === slice)
    .reduce((most, cell) => Math.max(most, cellInTimePerS(cell, limitMs)), 0);
}

/** Counted by the time alone, which is the shortest: its neighbours may pause. */
function cellInTimePerS(cell: Cell, limitMs: number): number {
  const profile = profileOf(cell);
  let most = 0;
  for (let batchSize = 1; batchSize <= cell.batchSize; batchSize++) {
    if (executionMs(profile, batchSize) > limitMs) break;
    for (let running = 1; running <= cell.processes; running++) {
      most = Math.max(most, (1000 * running * batchSize) / besideMs(profile, batchSize, running));
    }
  }
  return most;
}
