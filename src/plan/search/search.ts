import { planBounds, runBound } from '../bound/bounds.js';
import { goalOf } from '../goal.js';
import { placementOf, solveMaster } from '../master.js';
import { type Placement, type Slot, slotKey, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { balance } from './balance.js';
import { type AloneTable, ColumnPool, cheapestSingles, largeBatchTable, singleColumns } from './columns.js';
import type { CheckedFailures } from './failure-scenarios.js';
import { FeasibilityCheck } from './feasibility-check.js';
import { improve } from './improve.js';
import { isOverLimit } from './infeasible.js';
import { JobDispatcher } from './job-dispatcher.js';
import { LookAlone, unservable } from './look-alone.js';
import { lookCheaper } from './look-cheaper.js';
import { BestPackings } from './packing/best-packings.js';
import { makePackings } from './packing/make-packings.js';
import {
  type Choice,
  FEW_MODELS,
  type Search,
  type SearchProgress,
  type SearchResult,
  type SearchTools,
} from './search-setting.js';

/** Up to so many models what each does alone is simulated in its whole run. */
const SMALL_MODELS = 6;

/**
 * Searches for the best placement: models alone (screened, then simulated), a bound, packings, slots
 * near them, the master program over their slots, and the simulation of the whole; slots that fail
 * there are struck out and the rest repaired. Of few models every cheaper placement is looked at besides. At last models move
 * between the devices found, so that SLOs have room.
 * Anytime: with the budget spent it gives the best found, and how far from the bound that is.
 */
export function* searchPlacement(problem: PlanProblem, tools: SearchTools): Search<SearchResult> {
  return yield* new PlacementSearch(problem, tools).run();
}

/** Replicas beyond the fewest with which a model alone may be served. */
const FURTHER = 2;
const FURTHER_OF_SMALL = 6;
/** Differences of goals below this are none. */
const TIE = 1e-5;
/** Packings whose slots the master program may mix. */
const MASTER_PACKINGS = 3;
/** Part of what is left of the budget that the master program may take, and its limits in seconds. */
const MASTER_SHARE = 0.3;
const MASTER_LEAST_S = 1;
const MASTER_MOST_S = 10;
/** Seconds beyond the budget in which a placement that fails as a whole is still repaired. */
const OVERTIME_S = 30;
/** With the budget spent slots are still struck out so often, before the best that misses something is given up. */
const MOST_REPAIRS = 40;
/** Packings that are kept in repair; the others are dropped with the first slot struck out. */
const REPAIRED_PACKINGS = 2;

const NO_FAILURES: CheckedFailures = { failures: [], failureCount: 0, failing: [] };

class PlacementSearch {
  readonly #problem: PlanProblem;
  readonly #tools: SearchTools;
  readonly #dispatcher: JobDispatcher;
  readonly #pool = new ColumnPool();
  readonly #packings: BestPackings;
  readonly #forbidden: Slot[] = [];
  #alone: AloneTable = [];
  #overLimit: Placement | undefined;
  #lastTried: Placement | undefined;
  readonly #struckOut = new Set<string>();
  readonly #lookAlone: LookAlone;
  readonly #feasibility: FeasibilityCheck;
  #masterWins = false;
  /** No placement is below it. */
  #bound = 0;

  constructor(problem: PlanProblem, tools: SearchTools) {
    this.#problem = problem;
    this.#tools = tools;
    this.#dispatcher = new JobDispatcher(problem, tools);
    this.#lookAlone = new LookAlone(this.#dispatcher);
    this.#feasibility = new FeasibilityCheck(this.#dispatcher);
    this.#packings = new BestPackings((slots) => goalOf(problem, placementOf(problem, slots)));
  }

  *run(): Search<SearchResult> {
    const { workloads } = this.#problem;
    const isSmall = workloads.length <= SMALL_MODELS;
    this.#alone = yield* this.#lookAlone.table(workloads.length, { quick: !isSmall });
    const limits = { timeLimitS: Math.min(10, this.#dispatcher.budgetS / 10), relativeGap: 1e-3 };
    const bounds = planBounds(this.#problem, this.#tools.solve, limits);
    // What a short run lets pass counts where every cheaper placement is looked at.
    this.#bound = isSmall ? runBound(this.#problem, this.#tools.solve, limits) : bounds.deviceTime;
    this.#tell('bound');
    const found = { bounds, unservable: unservable(this.#alone) };
    if (found.unservable.length > 0) return this.#result(found, { days: [] });
    for (const slot of singleColumns(this.#problem, this.#alone, isSmall ? FURTHER_OF_SMALL : FURTHER))
      this.#pool.add(slot);
    yield* makePackings(this.#dispatcher, {
      alone: this.#alone,
      largeBatches: largeBatchTable(this.#problem, this.#alone),
      screenKinds: bounds.screenKinds,
      add: (slots) => this.#add(slots),
    });
    yield* this.#mixKinds();
    const cheapest = yield* this.#cheaper(yield* this.#choose(), () =>
      isSmall ? this.#bound : runBound(this.#problem, this.#tools.solve, limits),
    );
    return this.#result(found, yield* balance(this.#feasibility, cheapest));
  }

  /** Of few models every placement between the bound and the choice is looked at. */
  *#cheaper(choice: Choice, boundOf: () => number): Search<Choice> {
    if (!this.#isFew) return choice;
    const [first] = choice.days;
    const below = first === undefined ? Infinity : goalOf(this.#problem, first.placement);
    return yield* lookCheaper(this.#feasibility, choice, { from: boundOf(), below });
  }

  /** Finds slots with which the master program may do better than packings, which fill one kind after the other. */
  *#mixKinds(): Search<void> {
    const add = (slot: Slot) => this.#pool.add(slot);
    const mayShare = this.#problem.slotKinds.some(({ mostModels }) => mostModels > 1);
    if (this.#isClosed || !mayShare) return;
    const packed = this.#packings.best(MASTER_PACKINGS).flat();
    const start = packed.length > 0 || this.#overLimit === undefined ? packed : slotsOf(this.#overLimit);
    for (const slot of start) add(slot);
    yield* improve(this.#dispatcher, {
      start,
      add,
      best: () => this.#solveMaster(),
      isClosed: (placement) => this.#isLeast(placement),
    });
  }

  get #isFew(): boolean {
    return this.#problem.workloads.length <= FEW_MODELS;
  }

  /** Whether the best packing is as good as can be. */
  get #isClosed(): boolean {
    const [packing] = this.#packings.best(1);
    return packing !== undefined && this.#isLeast(placementOf(this.#problem, packing));
  }

  #isLeast(placement: Placement): boolean {
    return goalOf(this.#problem, placement) <= this.#bound + TIE;
  }

  #result(
    found: Pick<SearchResult, 'bounds' | 'unservable'>,
    { days, afterFailures = NO_FAILURES, isExhaustive = false, nothingBelow = 0 }: Choice,
  ): SearchResult {
    const [first] = days;
    const goal = first === undefined ? Infinity : goalOf(this.#problem, first.placement);
    const isLookedAt = isExhaustive || nothingBelow > this.#bound + TIE;
    const bound = isExhaustive ? goal : Math.max(this.#bound, nothingBelow);
    this.#tell('evaluation', { ...(first && { best: goal }), bound });
    const simulations = this.#dispatcher.simulations;
    const nearest = first === undefined ? (this.#withoutLimits() ?? this.#lastTried) : undefined;
    return {
      ...found,
      ...(nearest && { nearest }),
      ...(first && { best: first.placement }),
      days,
      failures: afterFailures.failures,
      failureCount: afterFailures.failureCount,
      goal,
      bound,
      isExhaustive,
      isLookedAt,
      simulations,
      evaluationS: this.#dispatcher.evaluationS,
    };
  }

  /** A placement that takes as many machines as it needs. */
  #withoutLimits(): Placement | undefined {
    const machines = this.#problem.machines.map((machine) => ({ ...machine, limit: Infinity }));
    return this.#overLimit ?? this.#solveMaster({ ...this.#problem, machines });
  }

  /**
   * The best of the packings and of the master program over their slots, once it holds: each slot in
   * its whole run, then all together, then what every failure leaves. Slots that fail are no longer taken.
   */
  *#choose(): Search<Choice> {
    for (let round = 0; round < MOST_REPAIRS || !this.#dispatcher.isOver; round++) {
      const placement = this.#cheapest(round === 0);
      if (placement === undefined) break;
      this.#lastTried = placement;
      const { failing, ...choice } = yield* this.#feasibility.placement(placement);
      if (failing.length === 0) return choice;
      if (failing.every((slot) => this.#isStruckOut(slot))) break;
      if (this.#tools.remainingS() < -OVERTIME_S) break;
      yield* this.#strikeOut(failing);
    }
    return { days: [] };
  }

  /**
   * The master program is asked anew only where it takes no time, no packing is at hand, or it did better
   * before.
   */
  #cheapest(isFirst: boolean): Placement | undefined {
    const [packing] = this.#packings.best(1);
    const packed = packing && placementOf(this.#problem, packing);
    if (packed !== undefined && !isFirst && !this.#isFew && !this.#masterWins) return packed;
    const mixed = this.#withinLimits(this.#solveMaster());
    if (mixed === undefined && packed === undefined && isFirst) return this.#singles();
    const goal = (placement: Placement | undefined) =>
      placement === undefined ? Infinity : goalOf(this.#problem, placement);
    this.#masterWins = packed === undefined || goal(mixed) < goal(packed);
    return this.#masterWins ? mixed : packed;
  }

  /** What is left where there was no time for anything better. */
  #singles(): Placement | undefined {
    const singles = cheapestSingles(this.#problem, this.#alone);
    if (singles.length > 0) this.#add(singles);
    const [slots] = this.#packings.best(1);
    return slots && placementOf(this.#problem, slots);
  }

  #solveMaster(problem = this.#problem): Placement | undefined {
    const columns = [...this.#pool.slots, ...this.#packings.best(MASTER_PACKINGS).flat()].filter(
      (slot) => !this.#isStruckOut(slot),
    );
    const timeLimitS = Math.max(
      MASTER_LEAST_S,
      Math.min(MASTER_MOST_S, this.#tools.remainingS() * MASTER_SHARE),
    );
    return solveMaster(problem, columns, this.#tools.solve, { timeLimitS, relativeGap: 1e-4 });
  }

  /** Slots that failed are no longer taken, and the packings repaired. */
  *#strikeOut(failing: readonly Slot[]): Search<void> {
    for (const slot of failing) {
      this.#forbidden.push(slot);
      this.#struckOut.add(slotKey(slot));
      this.#pool.remove(slot);
    }
    const old = this.#packings.takeBest(REPAIRED_PACKINGS);
    const repaired = yield* this.#dispatcher.ask(
      'repair',
      old.map((slots) => ({ type: 'repair', slots, forbidden: this.#forbidden })),
    );
    for (const slots of repaired) if (!slots.some((slot) => this.#isStruckOut(slot))) this.#add(slots);
    yield* this.#lookAgain(failing);
  }

  #isStruckOut(slot: Slot): boolean {
    return this.#struckOut.has(slotKey(slot));
  }

  /** Models that did not do alone as a quick look had it: how they do in their whole run. */
  *#lookAgain(failing: readonly Slot[]): Search<void> {
    const lone = failing.flatMap(({ modelReplicas: [first, ...others] }) =>
      others.length > 0 ? [] : [first!.workload],
    );
    const none = this.#alone.map((): AloneTable[number] => []);
    const table = yield* this.#lookAlone.whole(lone, none, this.#forbidden);
    for (const slot of singleColumns(this.#problem, table, FURTHER)) this.#pool.add(slot);
  }

  /** Keeps a packing if it stays within the limits on machines, and its slots in any case; gives its goal. */
  #add(slots: readonly Slot[]): number {
    if (this.#isFew) for (const slot of slots) if (slot.modelReplicas.length > 1) this.#pool.add(slot);
    if (this.#withinLimits(placementOf(this.#problem, slots)) === undefined) return Infinity;
    const own = this.#packings.add(slots);
    this.#tell('packing');
    return own;
  }

  /** The placement if it stays within the limits on machines; of others the best is kept, to say what would do. */
  #withinLimits(placement: Placement | undefined): Placement | undefined {
    if (placement === undefined || !isOverLimit(this.#problem, placement)) return placement;
    const goal = goalOf(this.#problem, placement);
    if (this.#overLimit === undefined || goal < goalOf(this.#problem, this.#overLimit))
      this.#overLimit = placement;
    return undefined;
  }

  #tell(stage: SearchProgress['stage'], more: Partial<SearchProgress> = {}): void {
    const [packing] = this.#packings.best(1);
    const best = packing && goalOf(this.#problem, placementOf(this.#problem, packing));
    this.#tools.progress?.({
      stage,
      simulations: this.#dispatcher.simulations,
      ...(best !== undefined && { best }),
      bound: this.#bound,
      ...more,
    });
  }
}
