import { BestPackings } from './best-packings.js';
import { type PlanBounds, planBounds } from './bounds.js';
import { type AloneTable, ColumnPool, patientTable, singleColumns } from './columns.js';
import { type EvaluatedPlacement, keepsAll } from './evaluate.js';
import { machineSets, withoutIdle } from './exact.js';
import { failingSlots } from './failing.js';
import { type Grouping, groupingsOf } from './groupings.js';
import { isOverLimit } from './infeasible.js';
import { type JobValues, type PackGroup, type SearchJob, type SlotCheck, servableOn } from './jobs.js';
import { type MasterSolution, machineCost, placementOf, solveMaster } from './master.js';
import { type Placement, type Slot, slotKey, slotsOf } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import type { Search, SearchProgress, SearchResult, SearchTools } from './search-setting.js';
import { placedSlotKey, placedSlots } from './slot-oracle.js';

export type { Search, SearchProgress, SearchResult, SearchTools } from './search-setting.js';

/** Up to so many models every placement cheaper than the best found is looked at. */
const EXHAUSTIVE_MODELS = 6;
/** Sets of machines of which each is looked at. */
const MOST_SETS = 2000;

/** Share of the budget kept for the master program and the simulation in full. */
const RESERVED_SHARE = 0.25;

/**
 * Searches for the best placement: models alone (screened, then simulated), a bound, slots for several
 * models (all of them in small instances, packings in large ones), the master program over the slots,
 * and the simulation of the whole. Slots that fail there are struck out and the master asked again.
 * Anytime: with the budget spent it gives the best found, and how far from the bound that is.
 */
export function* searchPlacement(problem: PlanProblem, tools: SearchTools): Search<SearchResult> {
  return yield* new PlacementSearch(problem, tools).run();
}

/** The goal of a placement: what the master program minimises. */
export function goalOf(problem: PlanProblem, { machines }: Placement): number {
  return machines.reduce((sum, { kind }) => sum + machineCost(problem, kind), 0);
}

/** Jobs that are asked for at once when the search could stop after any of them. */
const AT_ONCE = 4;
const MOST_PACKINGS = 40;
/** Packings whose slots the master program may mix. */
const MASTER_PACKINGS = 3;
/** Part of what is left of the budget that the master program may take, and its limits in seconds. */
const MASTER_SHARE = 0.3;
const MASTER_LEAST_S = 1;
const MASTER_MOST_S = 10;
/** Seconds beyond the budget in which a placement that fails as a whole is still repaired. */
const OVERTIME_S = 30;
/** Slots are struck out at most so often before the best that misses something is given up. */
const MOST_REPAIRS = 40;
/** Packings that are kept in repair; the others are dropped with the first slot struck out. */
const REPAIRED_PACKINGS = 2;
/** Slots that are simulated in one job. */
const CHECKED_AT_ONCE = 8;

class PlacementSearch {
  readonly #problem: PlanProblem;
  readonly #tools: SearchTools;
  readonly #budgetS: number;
  readonly #pool = new ColumnPool();
  readonly #packings: BestPackings;
  readonly #forbidden: Slot[] = [];
  #alone: AloneTable = [];
  /** As models are served beside others. */
  #patient: AloneTable = [];
  #overLimit: Placement | undefined;
  readonly #struckOut = new Set<string>();
  /** By key of a placed slot. */
  readonly #checks = new Map<string, SlotCheck>();
  #masterWins = false;
  #simulations = 0;
  #bound: number | undefined;

  constructor(problem: PlanProblem, tools: SearchTools) {
    this.#problem = problem;
    this.#tools = tools;
    this.#budgetS = tools.remainingS();
    this.#packings = new BestPackings((slots) => goalOf(problem, placementOf(problem, slots)));
  }

  *run(): Search<SearchResult> {
    const { demands } = this.#problem;
    const isSmall = demands.length <= EXHAUSTIVE_MODELS;
    this.#alone = yield* this.#ask(
      'alone',
      demands.map((_, demand) => ({ type: 'alone', demand, quick: !isSmall })),
    );
    this.#patient = patientTable(this.#problem, this.#alone);
    const unservable = demands.flatMap((_, d) => (this.#alone[d]!.some((one) => one) ? [] : [d]));
    const bounds = planBounds(this.#problem, this.#tools.solve, {
      timeLimitS: Math.min(10, this.#budgetS / 10),
      relativeGap: 1e-3,
    });
    this.#bound = bounds.deviceTime;
    this.#tell('bound');
    const found = { bounds, unservable, alone: this.#alone };
    if (unservable.length > 0) return this.#result(found, { days: [] });
    for (const slot of singleColumns(this.#problem, this.#alone, isSmall ? 6 : 2)) this.#pool.add(slot);
    yield* this.#pack(bounds);
    const choice = yield* this.#choose();
    return this.#result(found, isSmall ? yield* this.#lookCheaper(choice, bounds.deviceTime) : choice);
  }

  #result(
    found: Pick<SearchResult, 'bounds' | 'unservable' | 'alone'>,
    { days, isExhaustive = false }: Choice,
  ): SearchResult {
    const [first] = days;
    const goal = first === undefined ? Infinity : goalOf(this.#problem, first.placement);
    const { deviceTime } = found.bounds;
    const bound = isExhaustive ? goal : Math.min(deviceTime, goal);
    this.#tell('evaluation', { best: goal, bound });
    const simulations = this.#simulations;
    const overLimit = first === undefined ? this.#withoutLimits() : undefined;
    return {
      ...found,
      ...(overLimit && { overLimit }),
      ...(first && { best: first.placement }),
      days,
      goal,
      bound,
      isExhaustive,
      simulations,
    };
  }

  /** A placement that takes as many machines as it needs. */
  #withoutLimits(): Placement | undefined {
    const machines = this.#problem.machines.map((machine) => ({ ...machine, limit: Infinity }));
    return this.#overLimit ?? this.#solveMaster({ ...this.#problem, machines }).placement;
  }

  /** Every placement that is cheaper than the one chosen, from the bound upwards, as long as there is time. */
  *#lookCheaper(choice: Choice, from: number): Search<Choice> {
    const problem = this.#problem;
    // Replicas that take over after a loss make more than what is simulated here.
    if (problem.spec.survive !== 'nothing') return choice;
    const [first] = choice.days;
    const below = first === undefined ? Infinity : goalOf(problem, first.placement);
    const sets = machineSets(problem, { from, below: Math.min(below, this.#mostGoal()), most: MOST_SETS });
    for (const machines of sets ?? []) {
      if (this.#isOver()) return choice;
      const [answer] = yield* this.#ask('exact', [{ type: 'exact', machines }]);
      if (answer?.placement !== undefined) {
        const { placement } = answer;
        const days = yield* this.#evaluate(withoutIdle(placement));
        return days.every(keepsAll) ? { days, isExhaustive: true } : choice;
      }
      if (answer?.isComplete !== true) return choice;
    }
    return { ...choice, isExhaustive: sets !== undefined };
  }

  /** Of all machines that may be used, a little more, so that using all of them is below it. */
  #mostGoal(): number {
    return this.#problem.machines.reduce(
      (sum, { limit }, kind) => sum + limit * machineCost(this.#problem, kind),
      1,
    );
  }

  *#evaluate(placement: Placement): Search<EvaluatedPlacement[]> {
    return yield* this.#ask(
      'evaluate',
      this.#problem.days.map((_, day) => ({ type: 'evaluate', placement, day })),
    );
  }

  /**
   * Packings: on each kind of device alone, and on the mix that the bound names, at the fills that
   * simulation bears out; then at the better of them in orders disturbed by chance.
   */
  *#pack({ screenKinds }: PlanBounds): Search<void> {
    const kinds = this.#problem.slotKinds.flatMap(({ mostModels }, kind) =>
      mostModels > 1 && servableOn(this.#problem, this.#alone, kind).length > 0 ? [kind] : [],
    );
    const fills = yield* this.#ask(
      'fill',
      kinds.map((kind) => ({ type: 'fill', kind, alone: this.#patient })),
    );
    const groupings = groupingsOf(this.#problem, this.#alone, { kinds, screenKinds });
    const mostFills = fills.reduce((most, list) => Math.max(most, list.length), 0);
    const fillOf = (kind: number, i: number) =>
      fills[kinds.indexOf(kind)]?.[i] ?? fills[kinds.indexOf(kind)]![0]!;
    const filled = (grouping: Grouping, i: number) =>
      grouping.map((group) => ({ ...group, fill: fillOf(group.kind, i) }));
    const first = groupings.flatMap((grouping) =>
      Array.from({ length: mostFills }, (_, i) => this.#packing(filled(grouping, i), 0)),
    );
    const made = yield* this.#makePackings(first);
    const [, bestFirst] = made.reduce((best, goal, i) => (goal < best[0] ? ([goal, i] as const) : best), [
      Infinity,
      0,
    ] as readonly [number, number]);
    const groups = first[bestFirst]?.groups;
    if (groups === undefined) return;
    for (let round = 1; round <= MOST_PACKINGS && !this.#isOver(); round += AT_ONCE) {
      yield* this.#makePackings(Array.from({ length: AT_ONCE }, (_, i) => this.#packing(groups, round + i)));
    }
  }

  #packing(groups: readonly PackGroup[], round: number): SearchJob & { readonly type: 'packing' } {
    return { type: 'packing', groups, alone: this.#patient, round };
  }

  /** Goal of each packing; Infinity where it was not finished. */
  *#makePackings(jobs: readonly (SearchJob & { readonly type: 'packing' })[]): Search<number[]> {
    const packings = yield* this.#ask('packing', jobs);
    const goals = packings.map((slots) => (slots === undefined ? Infinity : this.#add(slots)));
    this.#tell('packing');
    return goals;
  }

  /**
   * The best of the packings and of the master program over their slots, once it holds: each slot in
   * its whole run, then all together. Slots that fail are no longer taken.
   */
  *#choose(): Search<Choice> {
    for (let round = 0; round < MOST_REPAIRS; round++) {
      const placement = this.#cheapest(round === 0);
      if (placement === undefined) break;
      let failing = yield* this.#failing(placement);
      if (failing.length === 0) {
        const days = yield* this.#evaluate(placement);
        if (days.every(keepsAll)) return { days };
        failing = this.#slotsOfBroken(placement, days);
      }
      if (this.#tools.remainingS() < -OVERTIME_S) break;
      yield* this.#strikeOut(failing);
    }
    return { days: [] };
  }

  /** The master program is asked anew only where no packing is at hand, or where it did better before. */
  #cheapest(isFirst: boolean): Placement | undefined {
    const [packing] = this.#packings.best(1);
    const packed = packing && placementOf(this.#problem, packing);
    if (packed !== undefined && !isFirst && !this.#masterWins) return packed;
    const master = this.#solveMaster();
    this.#masterWins = packed === undefined || master.objective < goalOf(this.#problem, packed);
    return this.#masterWins ? master.placement : packed;
  }

  #solveMaster(problem = this.#problem): MasterSolution {
    const columns = [...this.#pool.slots, ...this.#packings.best(MASTER_PACKINGS).flat()].filter(
      (slot) => !this.#struckOut.has(slotKey(slot)),
    );
    const timeLimitS = Math.max(
      MASTER_LEAST_S,
      Math.min(MASTER_MOST_S, this.#tools.remainingS() * MASTER_SHARE),
    );
    return solveMaster(problem, columns, this.#tools.solve, { timeLimitS, relativeGap: 1e-4 });
  }

  /**
   * Slots that are in the way: those that do not do by themselves, and of tenants with too many late
   * requests on all their devices together, the ones that have more than their part of them.
   */
  *#failing(placement: Placement): Search<Slot[]> {
    const placed = placedSlots(this.#problem, placement).map((one) => ({ ...one, key: placedSlotKey(one) }));
    const unknown = placed.filter(({ key }) => !this.#checks.has(key));
    const parts = Array.from({ length: Math.ceil(unknown.length / CHECKED_AT_ONCE) }, (_, i) =>
      unknown.slice(i * CHECKED_AT_ONCE, (i + 1) * CHECKED_AT_ONCE),
    );
    const answers = yield* this.#ask(
      'check',
      parts.map((slots) => ({ type: 'check', slots })),
    );
    for (const [i, check] of answers.flat().entries()) this.#checks.set(unknown[i]!.key, check);
    const checks = placed.map(({ slot, key }) => ({ slot, ...this.#checks.get(key)! }));
    return failingSlots(this.#problem, checks);
  }

  /** Slots that serve a tenant whose promise was broken. */
  #slotsOfBroken(placement: Placement, days: readonly EvaluatedPlacement[]): Slot[] {
    const { demands, spec } = this.#problem;
    const broken = days.flatMap(({ verdicts }) => verdicts.filter(({ kept }) => !kept));
    const tenants = new Set(broken.map(({ tenant }) => tenant));
    return slotsOf(placement).filter(({ pieces }) =>
      pieces.some(({ demand }) => demands[demand]!.tenants.some((t) => tenants.has(spec.tenants[t]!.name))),
    );
  }

  /** Slots that failed are no longer taken, and the packings repaired. */
  *#strikeOut(failing: readonly Slot[]): Search<void> {
    for (const slot of failing) {
      this.#forbidden.push(slot);
      this.#struckOut.add(slotKey(slot));
      this.#pool.remove(slot);
    }
    const old = this.#packings.takeBest(REPAIRED_PACKINGS);
    const repaired = yield* this.#ask(
      'repair',
      old.map((slots) => ({ type: 'repair', slots, forbidden: this.#forbidden })),
    );
    for (const slots of repaired) this.#add(slots);
  }

  /** Keeps a packing if it stays within the limits on machines, and gives its goal. */
  #add(slots: readonly Slot[]): number {
    const placement = placementOf(this.#problem, slots);
    if (!isOverLimit(this.#problem, placement)) return this.#packings.add(slots);
    const goal = goalOf(this.#problem, placement);
    if (this.#overLimit === undefined || goal < goalOf(this.#problem, this.#overLimit))
      this.#overLimit = placement;
    return Infinity;
  }

  /** Has jobs of one type done and counts what they took. */
  *#ask<Type extends SearchJob['type']>(
    type: Type,
    jobs: readonly (SearchJob & { readonly type: Type })[],
  ): Search<JobValues[Type][]> {
    if (jobs.length === 0) return [];
    const answers = yield jobs;
    for (const { simulations } of answers) this.#simulations += simulations;
    if (type === 'alone') this.#tell('alone', { share: 1 });
    return answers.map(({ value }) => value as JobValues[Type]);
  }

  #isOver(): boolean {
    const { mostSimulations = Infinity, remainingS } = this.#tools;
    return remainingS() <= RESERVED_SHARE * this.#budgetS || this.#simulations >= mostSimulations;
  }

  #tell(stage: SearchProgress['stage'], more: Partial<SearchProgress> = {}): void {
    const [packing] = this.#packings.best(1);
    const best = packing && goalOf(this.#problem, placementOf(this.#problem, packing));
    this.#tools.progress?.({
      stage,
      simulations: this.#simulations,
      ...(best !== undefined && { best }),
      ...(this.#bound !== undefined && { bound: this.#bound }),
      ...more,
    });
  }
}

interface Choice {
  /** Every cheaper placement has been looked at. */
  readonly isExhaustive?: boolean;
  readonly days: readonly EvaluatedPlacement[];
}
