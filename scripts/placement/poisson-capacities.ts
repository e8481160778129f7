import { simulate } from '../../src/simulator/simulate.js';
import type { Cell } from './data.js';
import { slicesScenario } from './scenario.js';

/** What slices can take of Poisson arrivals, found by simulation and kept for later questions. */
export class PoissonCapacities {
  readonly cells: readonly Cell[];
  readonly #known = new Map<string, { readonly cell: Cell; readonly perS: number } | undefined>();

  constructor(cells: readonly Cell[]) {
    this.cells = cells;
  }

  /** The cell that takes most under the limit, and how much that is. */
  best(model: string, slice: string, limitMs: number) {
    const key = `${model} ${slice} ${limitMs}`;
    if (!this.#known.has(key)) this.#known.set(key, this.#find(model, slice, limitMs));
    return this.#known.get(key);
  }

  #find(model: string, slice: string, limitMs: number) {
    const candidates = this.#candidates(model, slice, limitMs);
    let best: { cell: Cell; perS: number } | undefined;
    for (const cell of candidates) {
      if (best !== undefined && cell.perS <= best.perS) continue;
      const perS = capacityOf(cell, limitMs, best?.perS ?? 0);
      if (perS > (best?.perS ?? 0)) best = { cell, perS };
    }
    return best;
  }

  /** For each number of processes, the largest batches that can be answered in time at all. */
  #candidates(model: string, slice: string, limitMs: number): Cell[] {
    const inTime = this.cells.filter(
      (cell) => cell.model === model && cell.slice === slice && cell.ms < limitMs,
    );
    const ofProcesses = (processes: number) =>
      inTime
        .filter((cell) => cell.processes === processes)
        .sort((a, b) => b.batchSize - a.batchSize)
        .slice(0, BATCHES_TRIED);
    const processes = [...new Set(inTime.map((cell) => cell.processes))];
    return processes.flatMap(ofProcesses).sort((a, b) => b.perS - a.perS);
  }
}

const BATCHES_TRIED = 3;
const BISECTIONS = 7;

/** The highest rate at which the cell alone keeps its limit at p99, between `leastPerS` and what it completes at most. */
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

/** Requests behind a verdict on one slice, and its length in limits. */
const REQUESTS = 12_000;
const LIMITS = 40;

function keeps(cell: Cell, limitMs: number, ratePerS: number): boolean {
  const durationS = Math.max(REQUESTS / ratePerS, (LIMITS * limitMs) / 1000);
  const demand = { model: cell.model, ratePerS, limitMs };
  const run = { seed: 1, durationS, warmUpS: durationS / 10 };
  const scenario = slicesScenario([demand], [{ cell, weight: 1 }], 'byWeight', run);
  const { log } = simulate(scenario);
  let late = 0;
  let offered = 0;
  for (let row = 0; row < log.plannedUs.length; row++) {
    if (log.plannedUs[row]! < scenario.warmUpUs) continue;
    const endedUs = log.endedUs[row]!;
    const open = !(endedUs >= log.plannedUs[row]!);
    if (open && log.plannedUs[row]! > log.endUs - limitMs * 1000) continue;
    offered++;
    if (open || endedUs - log.plannedUs[row]! > limitMs * 1000) late++;
  }
  return late <= 0.01 * offered;
}
