import { type DayOutcome, type EvaluatedPlacement, keepsAll, withVerdicts } from '../evaluate.js';
import { type PlacedGpu, type Placement, type Slot, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { machineNames, type NamedSlot, namedSlots } from '../scenario-of.js';
import { slotShare } from './columns.js';
import type { JobDesk } from './job-desk.js';
import type { Search } from './search-setting.js';

/** A placement simulated in full on every day, and after losses where the plan asks about them. */
export interface JudgedPlacement {
  readonly placement: Placement;
  /** In the order of the plan's days. */
  readonly days: readonly EvaluatedPlacement[];
  readonly losses: readonly Loss[];
}

/** What becomes of the promises while a GPU or machine is lost. */
export interface Loss {
  /** Name of the machine, and number of the GPU where only that is lost. */
  readonly lost: string;
  readonly kept: boolean;
  /** Tenants whose promise is broken then. */
  readonly broken: readonly string[];
  /** Share of all promised requests answered within their limit, on the worst day; absent where a model has no device left. */
  readonly attainment?: number;
  /** The tenant with the smallest margin and that margin; absent there, too. */
  readonly worst?: { readonly tenant: string; readonly margin: number };
}

/** A loss that there can be, and what is left after it. */
export interface PossibleLoss {
  readonly lost: string;
  readonly gpus: readonly PlacedGpu[];
  /** Screened share of device time on what is lost, of all its devices together. */
  readonly share: number;
  /** Replicas elsewhere take over. Absent where a model has none. */
  readonly left?: Placement;
  /** Indices of the demands that have none. */
  readonly stranded: readonly number[];
}

/** Every loss that the plan asks about, those of what does most first. */
export function lossesOf(problem: PlanProblem, placement: Placement): PossibleLoss[] {
  const { survive } = problem.spec;
  if (survive === 'nothing') return [];
  const names = machineNames(problem, placement);
  const all = placement.machines.flatMap(({ gpus }, m) => {
    const name = names[m]!;
    if (survive === 'machine' || gpus.length === 1) return [{ lost: name, gpus }];
    return gpus.map((gpu, g) => ({ lost: `${name}, GPU ${g + 1}`, gpus: [gpu] }));
  });
  return all
    .map((loss) => ({ ...loss, share: shareOf(problem, loss.gpus), ...afterLoss(placement, loss.gpus) }))
    .sort((a, b) => b.share - a.share);
}

function shareOf(problem: PlanProblem, gpus: readonly PlacedGpu[]): number {
  return slotsIn(gpus).reduce((sum, slot) => sum + slotShare(problem, slot), 0);
}

/** The placement without some of its GPUs, where replicas elsewhere take over. */
export function afterLoss(
  { machines }: Placement,
  lost: readonly PlacedGpu[],
): Pick<PossibleLoss, 'left' | 'stranded'> {
  const rest = {
    machines: machines
      .map((machine) => ({ ...machine, gpus: machine.gpus.filter((gpu) => !lost.includes(gpu)) }))
      .filter(({ gpus }) => gpus.length > 0),
  };
  const replicas = new Map<number, number>();
  for (const { demand } of slotsOf(rest).flatMap(({ pieces }) => pieces))
    replicas.set(demand, (replicas.get(demand) ?? 0) + 1);
  const gone = [...new Set(slotsIn(lost).flatMap(demandsOf))];
  const stranded = gone.filter((demand) => !replicas.has(demand));
  if (stranded.length > 0) return { stranded };
  const takingOver = (slot: Slot): Slot => ({
    ...slot,
    pieces: slot.pieces.map((piece) => ({
      ...piece,
      replicas: replicas.get(piece.demand)!,
      lostAtOnce: 0,
    })),
  });
  const left = {
    machines: rest.machines.map((machine) => ({
      ...machine,
      gpus: machine.gpus.map((gpu) => ({ ...gpu, slots: gpu.slots.map(takingOver) })),
    })),
  };
  return { left, stranded };
}

/**
 * What a loss leaves that can tell a difference: slots that serve a model which some of the lost ones served, and, as every slot has a
 * server of its own, those that share a model with these, and so on; in the placement's order, in which requests are dealt. None where
 * nothing is left.
 */
export function touchedSlots(problem: PlanProblem, { left, gpus }: PossibleLoss): NamedSlot[] {
  if (left === undefined) return [];
  const slots = namedSlots(problem, left);
  const demands = new Set(slotsIn(gpus).flatMap(demandsOf));
  const isTouched = ({ slot }: NamedSlot) => demandsOf(slot).some((demand) => demands.has(demand));
  for (let before = -1; before !== demands.size; ) {
    before = demands.size;
    for (const { slot } of slots.filter(isTouched)) for (const demand of demandsOf(slot)) demands.add(demand);
  }
  return slots.filter(isTouched);
}

function slotsIn(gpus: readonly PlacedGpu[]): Slot[] {
  return gpus.flatMap(({ slots }) => slots);
}

/** Losses simulated at once, before it is looked whether promises are broken. */
const AT_ONCE = 8;

/** What is known of the losses of a placement. */
export interface JudgedLosses {
  /** All, or up to the first few of which one breaks a promise. */
  readonly losses: readonly Loss[];
  /** Losses there can be. */
  readonly lossCount: number;
  /** Slots that are in the way of keeping every promise after every loss; empty where all are kept. */
  readonly failing: readonly Slot[];
}

/**
 * Judges a placement by all its losses.
 * @param days the placement as it is
 */
export function* judgeLosses(
  problem: PlanProblem,
  desk: JobDesk,
  days: readonly EvaluatedPlacement[],
): Search<JudgedLosses> {
  const { placement } = days[0]!;
  const possible = lossesOf(problem, placement);
  const losses = yield* simulateLosses(problem, desk, possible, days, { untilBroken: true });
  const broken = new Set(losses.flatMap((loss) => loss.broken));
  const failing = slotsOf(placement).filter((slot) =>
    demandsOf(slot).some((demand) => isPromised(problem, demand, broken)),
  );
  return { losses, lossCount: possible.length, failing };
}

/**
 * Simulates losses on every day, all that they touch; `untilBroken` stops soon after one that breaks a promise.
 * @param days the placement as it is
 */
export function* simulateLosses(
  problem: PlanProblem,
  desk: JobDesk,
  possible: readonly PossibleLoss[],
  days: readonly EvaluatedPlacement[],
  { untilBroken = false }: { readonly untilBroken?: boolean } = {},
): Search<Loss[]> {
  const losses: Loss[] = [];
  for (let at = 0; at < possible.length; at += AT_ONCE) {
    const some = possible.slice(at, at + AT_ONCE);
    const after = yield* daysAfter(problem, desk, some, days);
    losses.push(
      ...some.map((loss, i) =>
        loss.left === undefined
          ? brokenLoss(problem, loss.lost, loss.stranded)
          : survivedLoss(loss, after[i]!),
      ),
    );
    if (untilBroken && losses.some(({ kept }) => !kept)) break;
  }
  return losses;
}

/** The days after each loss: what it touches is simulated, all at once, and the rest is as it was. */
function* daysAfter(
  problem: PlanProblem,
  desk: JobDesk,
  possible: readonly PossibleLoss[],
  days: readonly EvaluatedPlacement[],
): Search<DayOutcome[][]> {
  const jobs = possible.map((loss) => {
    const slots = touchedSlots(problem, loss);
    return slots.length === 0 ? [] : days.map((_, day) => ({ type: 'part', slots, day }) as const);
  });
  const verdicts = yield* desk.ask('part', jobs.flat());
  let next = 0;
  return jobs.map((own) => {
    const first = next;
    next += own.length;
    return days.map((day, d) => withVerdicts(day, own.length === 0 ? [] : verdicts[first + d]!));
  });
}

/** One that was not simulated, and breaks the promises of these models. */
function brokenLoss({ spec, demands }: PlanProblem, lost: string, broken: readonly number[]): Loss {
  const tenants = broken.flatMap((demand) => demands[demand]!.tenants.map((t) => spec.tenants[t]!.name));
  return { lost, kept: false, broken: tenants };
}

function survivedLoss({ lost }: PossibleLoss, days: readonly DayOutcome[]): Loss {
  const verdicts = days.flatMap((day) => day.verdicts);
  const [worst] = verdicts
    .filter(({ summary }) => summary.slo !== undefined)
    .sort((a, b) => a.margin - b.margin);
  return {
    lost,
    kept: days.every(keepsAll),
    broken: [...new Set(verdicts.filter(({ kept }) => !kept).map(({ tenant }) => tenant))],
    attainment: Math.min(...days.map(({ attainment }) => attainment)),
    ...(worst && { worst: { tenant: worst.tenant, margin: worst.margin } }),
  };
}

function isPromised({ spec, demands }: PlanProblem, demand: number, broken: ReadonlySet<string>): boolean {
  return demands[demand]!.tenants.some((t) => broken.has(spec.tenants[t]!.name));
}

function demandsOf({ pieces }: Slot): number[] {
  return pieces.map(({ demand }) => demand);
}
