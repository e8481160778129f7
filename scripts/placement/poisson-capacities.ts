import { groupBy } from '../../src/base/group-by.js';
import { remembered } from '../../src/base/remembered.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { executionMs } from '../../src/plan/screen.js';
import { besideMs, profileOf } from './cell-profile.js';
import { bySlice, type Cell, type SetDemand, type SloSet } from './data.js';
import type { ServedSlice } from './scenario.js';
import { coverWithSlices } from './slice-cover.js';
import { SLO_SHARE, type TrialLength, tryModel } from './trial.js';

/** Batch sizes tried for each number of processes, the largest that can be answered in time first. */
const BATCHES_TRIED = 3;
const BISECTIONS = 5;
const LENGTH: TrialLength = { requests: 8_000, limits: 40 };
const SEED = 1;

/** What slices can take of Poisson arrivals, found by simulation and kept for later questions. */
export class PoissonCapacities {
  readonly cells: readonly Cell[];
  readonly #known = new Map<string, { readonly best: ServedSlice | undefined }>();

  constructor(cells: readonly Cell[]) {
    this.cells = cells;
  }

  /** The cell that takes most under the limit, and how much that is; undefined if none keeps it at any rate. */
  best(demand: SetDemand, slice: string): ServedSlice | undefined {
    const key = `${demand.model} ${slice} ${demand.limitMs}`;
    return remembered(this.#known, key, () => ({ best: this.#find(demand, slice) })).best;
  }

  /** What one slice of each kind takes of a model alone, 1/s. */
  capacityPerS(demand: SetDemand): ReadonlyMap<string, number> {
    return bySlice((slice) => this.best(demand, slice)?.perS ?? 0);
  }

  #find({ model, limitMs }: SetDemand, slice: string): ServedSlice | undefined {
    const inTime = this.cells.filter(
      (cell) => cell.model === model && cell.slice === slice && cell.ms < limitMs,
    );
    // The largest batches that can be answered in time, whatever the number of processes.
    const candidates = [...groupBy(inTime, ({ processes }) => processes).values()].flatMap((own) =>
      own.sort((a, b) => b.batchSize - a.batchSize).slice(0, BATCHES_TRIED),
    );
    let best: ServedSlice | undefined;
    for (const cell of candidates.sort((a, b) => b.perS - a.perS)) {
      if (best !== undefined && cell.perS <= best.perS) continue;
      const perS = capacityOf(cell, limitMs, best?.perS ?? 0);
      if (perS > (best?.perS ?? 0)) best = { cell, perS };
    }
    return best;
  }
}

/** The highest rate at which the cell alone keeps its limit at p99, above `leastPerS`; 0 if it does not. */
function capacityOf(cell: Cell, limitMs: number, leastPerS: number): number {
  let low = leastPerS;
  let high = cell.perS;
  if (leastPerS > 0 && !keeps(cell, limitMs, leastPerS)) return 0;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (keeps(cell, limitMs, middle)) low = middle;
    else high = middle;
  }
  return low;
}

function keeps(cell: Cell, limitMs: number, ratePerS: number): boolean {
  const demand = { model: cell.model, ratePerS, limitMs };
  const slices = [{ cell, perS: cell.perS }];
  return tryModel(demand, slices, 'inProportion', LENGTH, SEED).attainment >= SLO_SHARE;
}

/**
 * No fewer GPUs can meet every SLO at p99, however the requests come and are routed: a request in time
 * is part of an execution that takes no longer than the limit, even if nothing ever waits, and all but
 * one in a hundred must be in time.
 */
export function boundForP99(set: SloSet, cells: readonly Cell[], solve: SolveProgram): number {
  const demands = set.demands.map((demand) => ({
    model: demand.model,
    ratePerS: SLO_SHARE * demand.ratePerS,
    capacityPerS: bySlice((slice) => mostInTimePerS(demand, slice, cells)),
  }));
  return coverWithSlices(demands, solve, { timeLimitS: 60 }).boundGpus;
}

/** The most that any setting among the cells of the slice completes of requests in time, with full batches of any size. */
export function mostInTimePerS({ model, limitMs }: SetDemand, slice: string, cells: readonly Cell[]): number {
  const own = cells.filter((cell) => cell.model === model && cell.slice === slice);
  return Math.max(0, ...own.map((cell) => cellInTimePerS(cell, limitMs)));
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
