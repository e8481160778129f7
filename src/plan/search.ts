import { RandomStreams } from '../base/random.js';
import { BestPackings } from './best-packings.js';
import { type PlanBounds, planBounds } from './bounds.js';
import { type AloneTable, allSharedColumns, aloneTable, ColumnPool, singleColumns } from './columns.js';
import { type EvaluatedPlacement, evaluate } from './evaluate.js';
import type { SolveProgram } from './integer-program.js';
import { type MasterSolution, machineCost, placementOf, solveMaster } from './master.js';
import { emptyDevices, type PackOptions, packShared, repairPacking } from './pack.js';
import { type Placement, type Slot, slotsOf } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { SlotOracle } from './slot-oracle.js';

/** What a search needs from outside: a solver, a clock, and someone to tell. */
export interface SearchTools {
  readonly solve: SolveProgram;
  /** Seconds left of the budget. */
  readonly remainingS: () => number;
  readonly progress?: (progress: SearchProgress) => void;
}

export interface SearchProgress {
  readonly stage: 'alone' | 'bound' | 'columns' | 'packing' | 'evaluation';
  /** Share of the stage, where it is known. */
  readonly share?: number;
  readonly simulations: number;
  /** Goal of the best placement so far and of the bound. */
  readonly best?: number;
  readonly bound?: number;
}

export interface SearchResult {
  /** The best placement that keeps every promise; absent where none was found. */
  readonly best?: EvaluatedPlacement;
  readonly goal: number;
  readonly bounds: PlanBounds;
  /** The most that is proved: every placement was looked at, or the bound of device time. */
  readonly bound: number;
  /** Every placement within the plan's options has been looked at. */
  readonly isExhaustive: boolean;
  readonly simulations: number;
  /** Demands that no kind of device can serve within their limits. */
  readonly unservable: readonly number[];
  readonly alone: AloneTable;
  readonly pool: ColumnPool;
  readonly oracle: SlotOracle;
}

/** Up to so many models every slot is looked at. */
const EXHAUSTIVE_MODELS = 6;
const EXHAUSTIVE_SIMULATIONS = 4000;
const EXHAUSTIVE_REPLICAS = 4;

/** Share of the budget kept for the master program and the simulation in full. */
const RESERVED_SHARE = 0.25;

/**
 * Searches for the best placement: models alone (screened, then simulated), a bound, slots for several
 * models (all of them in small instances, packings in large ones), the master program over the slots,
 * and the simulation of the whole. Slots that fail there are struck out and the master asked again.
 * Anytime: with the budget spent it gives the best found, and how far from the bound that is.
 */
export function searchPlacement(problem: PlanProblem, tools: SearchTools): SearchResult {
  const oracle = new SlotOracle(problem);
  const budgetS = tools.remainingS();
  const tell = (stage: SearchProgress['stage'], more: Partial<SearchProgress> = {}) =>
    tools.progress?.({ stage, simulations: oracle.simulations, ...more });
  const alone = aloneTable(oracle, (share) => tell('alone', { share }));
  const unservable = problem.demands.flatMap((_, d) =>
    alone[d]!.some((one) => one !== undefined) ? [] : [d],
  );
  const bounds = planBounds(problem, tools.solve, {
    timeLimitS: Math.min(10, budgetS / 10),
    relativeGap: 1e-3,
  });
  tell('bound', { bound: bounds.deviceTime });
  const pool = new ColumnPool();
  const base = { bounds, alone, pool, oracle, unservable };
  if (unservable.length > 0) {
    return {
      ...base,
      goal: Infinity,
      bound: bounds.deviceTime,
      isExhaustive: false,
      simulations: oracle.simulations,
    };
  }
  for (const slot of singleColumns(problem, alone, problem.demands.length <= 30 ? 6 : 2)) pool.add(slot);
  const untilReserve = () => tools.remainingS() - RESERVED_SHARE * budgetS;
  const packings = new BestPackings((slots) => goalOf(problem, placementOf(problem, slots)));
  const isComplete = makeColumns(problem, { oracle, alone, pool, packings, tools, untilReserve });
  tell('columns', { bound: bounds.deviceTime });
  const { best, master } = bestOf(problem, { oracle, pool, packings, tools });
  const goal = best === undefined ? Infinity : goalOf(problem, best.placement);
  const isExhaustive = isComplete && master.isOptimal;
  const bound = isExhaustive
    ? Math.max(bounds.deviceTime, Math.min(master.bound, goal))
    : Math.min(bounds.deviceTime, goal);
  tell('evaluation', { best: goal, bound });
  return { ...base, ...(best && { best }), goal, bound, isExhaustive, simulations: oracle.simulations };
}

/** The goal of a placement: what the master program minimises. */
export function goalOf(problem: PlanProblem, { machines }: Placement): number {
  return machines.reduce((sum, { kind }) => sum + machineCost(problem, kind), 0);
}

interface Columns {
  readonly oracle: SlotOracle;
  readonly alone: AloneTable;
  readonly pool: ColumnPool;
  readonly packings: BestPackings;
  readonly tools: SearchTools;
  readonly untilReserve: () => number;
}

/** Adds slots with several models; true when these are all there can be. */
function makeColumns(problem: PlanProblem, columns: Columns): boolean {
  const { oracle, alone, pool, untilReserve } = columns;
  if (problem.demands.length <= EXHAUSTIVE_MODELS) {
    const limits = {
      mostSimulations: EXHAUSTIVE_SIMULATIONS,
      mostReplicas: EXHAUSTIVE_REPLICAS,
      remainingS: untilReserve,
    };
    if (allSharedColumns(oracle, alone, pool, limits)) return true;
  }
  packColumns(problem, columns);
  return false;
}

/**
 * Packings without end: by the screen alone at the fills that simulation bears out, repaired by
 * simulation; then at the better of them in orders disturbed by chance.
 */
function packColumns(problem: PlanProblem, columns: Columns): void {
  const shared = problem.slotKinds.flatMap(({ mostModels }, kind) => (mostModels > 1 ? [kind] : []));
  for (const kind of shared) {
    for (const fill of fillsThatHold(problem, columns, kind)) {
      if (columns.untilReserve() > 0) addPacking(problem, columns, kind, { fill });
    }
    const [fill = FILLS[0]!] = fillsThatHold(problem, columns, kind);
    improve(problem, columns, kind, fill);
  }
}

/** Screened fill of devices; simulation bears out some of it. */
const FILLS = [1.1, 1, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.3] as const;
/** Share of the sample that must hold; the rest is repaired. */
const HOLDING = 0.8;
/** Devices of a packing that are simulated to see whether its fill holds. */
const SAMPLE = 12;
const MOST_PACKINGS = 30;

/** The highest fill at which most of the devices hold, and the one above it. */
function fillsThatHold(
  problem: PlanProblem,
  { oracle, alone, untilReserve }: Columns,
  kind: number,
): number[] {
  const demands = servableOn(problem, alone, kind);
  for (const [i, fill] of FILLS.entries()) {
    const slots = packShared(problem, demands, kind, alone, { fill, remainingS: untilReserve });
    const step = Math.max(1, Math.floor(slots.length / SAMPLE));
    const sample = slots.filter((slot, at) => at % step === 0 && slot.pieces.length > 1);
    const held = sample.filter((slot) => untilReserve() > 0 && oracle.keeps(slot, { quick: true })).length;
    if (held >= HOLDING * sample.length) return i === 0 ? [fill] : [fill, FILLS[i - 1]!];
  }
  return [FILLS.at(-1)!];
}

function servableOn(problem: PlanProblem, alone: AloneTable, kind: number): number[] {
  return problem.demands.flatMap((_, d) => (alone[d]![kind] === undefined ? [] : [d]));
}

function improve(problem: PlanProblem, columns: Columns, kind: number, fill: number): void {
  const streams = new RandomStreams(problem.spec.seed);
  for (let round = 1; round <= MOST_PACKINGS && columns.untilReserve() > 0; round++) {
    addPacking(problem, columns, kind, { fill, random: streams.get(`packing ${kind}/${round}`) });
  }
}

/** Makes a packing on one kind of device and adds its devices to the pool; gives their number. */
function addPacking(
  problem: PlanProblem,
  { oracle, alone, packings, tools, untilReserve }: Columns,
  kind: number,
  order: Pick<PackOptions, 'fill' | 'random'>,
): number {
  const demands = servableOn(problem, alone, kind);
  const screened = packShared(problem, demands, kind, alone, { ...order, remainingS: untilReserve });
  const options = { oracle, fill: order.fill + SLACK, remainingS: untilReserve };
  const repaired = repairPacking(problem, screened, options);
  const packed = emptyDevices(problem, repaired, options);
  if (packed.every((slot) => oracle.keeps(slot, { quick: true }))) packings.add(packed);
  tools.progress?.({ stage: 'packing', simulations: oracle.simulations, best: packed.length });
  return packed.length;
}

/** How far beyond the fill of the packing simulation may still be asked. */
const SLACK = 0.15;

interface Choice {
  readonly oracle: SlotOracle;
  readonly pool: ColumnPool;
  readonly packings: BestPackings;
  readonly tools: SearchTools;
}

/** Slots are struck out at most so often before the best that misses something is given up. */
const MOST_REPAIRS = 12;

/**
 * The best of the packings and of the master program over their slots, if it holds when simulated as
 * a whole; otherwise without the slots that failed.
 */
function bestOf(
  problem: PlanProblem,
  { oracle, pool, packings, tools }: Choice,
): { best?: EvaluatedPlacement; master: MasterSolution } {
  for (let round = 0; ; round++) {
    const columns = [...pool.slots, ...packings.best(MASTER_PACKINGS).flat()];
    const timeLimitS = Math.max(MASTER_LEAST_S, Math.min(MASTER_MOST_S, tools.remainingS() * MASTER_SHARE));
    const master = solveMaster(problem, columns, tools.solve, { timeLimitS, relativeGap: 1e-4 });
    const placement = betterOf(problem, master, packings.best(1)[0]);
    if (placement === undefined) return { master };
    const evaluated = problem.days.map((day) => evaluate(problem, placement, day));
    const failed = evaluated.flatMap(({ verdicts }) => verdicts.filter(({ kept }) => !kept));
    if (failed.length === 0) return { best: evaluated[0]!, master };
    if (round === MOST_REPAIRS) return { master };
    strikeOut(problem, { oracle, pool }, placement, new Set(failed.map(({ tenant }) => tenant)));
    packings.repair((slots) => {
      const options = { oracle, fill: Infinity, remainingS: tools.remainingS };
      return repairPacking(problem, slots, options);
    });
  }
}

function betterOf(
  problem: PlanProblem,
  master: MasterSolution,
  packing: readonly Slot[] | undefined,
): Placement | undefined {
  if (packing === undefined) return master.placement;
  const packed = placementOf(problem, packing);
  return goalOf(problem, packed) <= master.objective ? packed : master.placement;
}

/** Packings whose slots the master program may mix. */
const MASTER_PACKINGS = 3;
/** Part of what is left of the budget that the master program may take, and its limits in seconds. */
const MASTER_SHARE = 0.3;
const MASTER_LEAST_S = 1;
const MASTER_MOST_S = 10;

/** Slots that serve a tenant whose promise was broken are no longer taken. */
function strikeOut(
  problem: PlanProblem,
  { oracle, pool }: Pick<Choice, 'oracle' | 'pool'>,
  placement: Placement,
  tenants: ReadonlySet<string>,
): void {
  for (const slot of slotsOf(placement)) {
    const fails = slot.pieces.some(({ demand }) =>
      problem.demands[demand]!.tenants.some((t) => tenants.has(problem.spec.tenants[t]!.name)),
    );
    if (!fails) continue;
    oracle.forbid(slot);
    pool.remove(slot);
  }
}
