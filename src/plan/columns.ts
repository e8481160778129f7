import type { Piece, ServingOption, Slot } from './placement.js';
import { slotKey } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { deviceShare, longestCycleMs, rankOptions, shareInCycle } from './screen.js';
import { fitsMemory, type SlotOracle } from './slot-oracle.js';

/** Slots that a placement may be put together from; each has been found to keep its promises. */
export class ColumnPool {
  readonly #byKey = new Map<string, Slot>();

  add(slot: Slot): void {
    this.#byKey.set(slotKey(slot), slot);
  }

  remove(slot: Slot): void {
    this.#byKey.delete(slotKey(slot));
  }

  get slots(): readonly Slot[] {
    return [...this.#byKey.values()];
  }
}

/** Fewest replicas with which each demand can be served alone on each kind of slot, and how. */
export interface AloneServing {
  readonly replicas: number;
  readonly option: ServingOption;
}

/** By demand and slot kind; undefined where the model cannot be served there at all. */
export type AloneTable = readonly (readonly (AloneServing | undefined)[])[];

/** Options tried by simulation for a model alone, best of the screen first. */
const OPTIONS_TRIED = 4;

/** How every model could be served on devices of its own: screened, then simulated. */
export function aloneTable(oracle: SlotOracle, onProgress: (done: number) => void): AloneTable {
  const { demands, slotKinds } = oracle.problem;
  return demands.map((_, d) => {
    const row = slotKinds.map((_, kind) => aloneServing(oracle, d, kind));
    onProgress((d + 1) / demands.length);
    return row;
  });
}

function aloneServing(oracle: SlotOracle, demand: number, kind: number): AloneServing | undefined {
  const { demands, options, spec } = oracle.problem;
  const { profiles, ratePerS, limitMs } = demands[demand]!;
  const profile = profiles[kind];
  if (profile === undefined) return undefined;
  const ranked = rankOptions(profile, ratePerS, limitMs, options).slice(0, OPTIONS_TRIED);
  let best: AloneServing | undefined;
  for (const option of ranked) {
    const share = deviceShare(profile, ratePerS, limitMs, option);
    if (!Number.isFinite(share)) continue;
    const most = Math.min(spec.mostReplicas, (best?.replicas ?? Infinity) - 1);
    const keeps = (replicas: number) => oracle.keeps({ kind, pieces: [{ demand, replicas, option }] });
    const replicas = fewestReplicas(
      keeps,
      Math.max(leastReplicas(spec.survive), Math.ceil(share * 0.9)),
      leastReplicas(spec.survive),
      most,
    );
    if (replicas !== undefined) best = { replicas, option };
  }
  return best;
}

/** To survive a loss there must be another replica. */
export function leastReplicas(survive: 'nothing' | 'gpu' | 'machine'): number {
  return survive === 'nothing' ? 1 : 2;
}

/** Least number that keeps, searched outwards from a guess; more replicas are taken never to do worse. */
function fewestReplicas(
  keeps: (replicas: number) => boolean,
  guess: number,
  least: number,
  most: number,
): number | undefined {
  if (most < least) return undefined;
  let high = Math.min(Math.max(guess, least), most);
  while (!keeps(high)) {
    if (high === most) return undefined;
    high = Math.min(most, high + Math.max(1, Math.floor(high / 4)));
  }
  while (high > least && keeps(high - 1)) high--;
  return high;
}

/** Slots with one model, at the fewest replicas and a few more (for the rest of a mix of devices). */
export function singleColumns(problem: PlanProblem, alone: AloneTable, further: number): Slot[] {
  return alone.flatMap((row, demand) =>
    row.flatMap((serving, kind) => {
      if (serving === undefined) return [];
      const most = Math.min(problem.spec.mostReplicas, serving.replicas + further);
      return Array.from({ length: most - serving.replicas + 1 }, (_, i) => ({
        kind,
        pieces: [{ demand, replicas: serving.replicas + i, option: serving.option }],
      }));
    }),
  );
}

/** What is left to try when all columns of a small instance are made. */
export interface ColumnLimits {
  readonly mostSimulations: number;
  readonly mostReplicas: number;
  readonly remainingS: () => number;
}

/**
 * Every slot of several models that keeps its promises, with every choice of options, as long as the
 * limits allow; false when they did not. A set of models that does not do is not tried with more:
 * a further model on the device never helps.
 */
export function allSharedColumns(
  oracle: SlotOracle,
  alone: AloneTable,
  pool: ColumnPool,
  limits: ColumnLimits,
): boolean {
  const { slotKinds } = oracle.problem;
  const before = oracle.simulations;
  const inLimits = () => oracle.simulations - before < limits.mostSimulations && limits.remainingS() > 0;
  let complete = true;
  for (const [kind, { mostModels }] of slotKinds.entries()) {
    if (mostModels > 1) complete = extend(kind, mostModels, [], 0) && complete;
  }
  return complete;

  function extend(kind: number, mostModels: number, pieces: readonly Piece[], from: number): boolean {
    if (pieces.length === mostModels) return true;
    let all = true;
    for (let demand = from; demand < alone.length; demand++) {
      const serving = alone[demand]![kind];
      if (serving === undefined) continue;
      const most = Math.max(
        serving.replicas,
        Math.min(limits.mostReplicas, oracle.problem.spec.mostReplicas),
      );
      for (let replicas = serving.replicas; replicas <= most; replicas++) {
        for (const option of oracle.problem.options) {
          if (!inLimits()) return false;
          const slot = { kind, pieces: [...pieces, { demand, replicas, option }] };
          if (!oracle.keeps(slot)) continue;
          pool.add(slot);
          all = extend(kind, mostModels, slot.pieces, demand + 1) && all;
        }
      }
    }
    return all;
  }
}

/** Whether the slot's screened shares and its memory leave room for the piece. */
export function mayHold(problem: PlanProblem, slot: Slot, fill: number): boolean {
  return fitsMemory(problem, slot) && slotShare(problem, slot) <= fill;
}

/** Screened device time of everything in a slot, in the cycle that its tightest limit allows. */
export function slotShare(problem: PlanProblem, { kind, pieces }: Slot): number {
  const limitMs = pieces.reduce(
    (least, { demand }) => Math.min(least, problem.demands[demand]!.limitMs),
    Infinity,
  );
  return pieces.reduce((sum, piece) => sum + pieceShare(problem, kind, piece, longestCycleMs(limitMs)), 0);
}

/** Screened device time of a piece; by default in the cycle that its own limit allows. */
export function pieceShare(problem: PlanProblem, kind: number, piece: Piece, cycleMs?: number): number {
  const { demand, replicas, option } = piece;
  const { profiles, ratePerS, limitMs } = problem.demands[demand]!;
  const divisor = problem.spec.survive === 'nothing' ? replicas : Math.max(1, replicas - 1);
  const profile = profiles[kind];
  if (profile === undefined) return Infinity;
  return shareInCycle(profile, ratePerS / divisor, cycleMs ?? longestCycleMs(limitMs), option.maxBatchSize);
}
