import { type EvaluatedPlacement, keepsAll } from '../evaluate.js';
import { type PlacedGpu, type Placement, type Slot, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { machineNames } from '../scenario-of.js';
import { slotShare } from './columns.js';
import { evaluateEach } from './evaluate-days.js';
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
  /** Share of all promised requests answered within their limit, on the worst day; absent where it was not simulated: it leaves a model without a device, or devices by themselves said it. */
  readonly attainment?: number;
  /** The tenant with the smallest margin and that margin; absent where it was not simulated. */
  readonly worst?: { readonly tenant: string; readonly margin: number };
}

/** A loss that there can be, and what is left after it. */
export interface PossibleLoss {
  readonly lost: string;
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
    .map(({ lost, gpus }) => ({ lost, share: shareOf(problem, gpus), ...afterLoss(placement, gpus) }))
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
  const gone = slotsIn(lost).flatMap(({ pieces }) => pieces.map(({ demand }) => demand));
  const stranded = [...new Set(gone)].filter((demand) => !replicas.has(demand));
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

function slotsIn(gpus: readonly PlacedGpu[]): Slot[] {
  return gpus.flatMap(({ slots }) => slots);
}

/** Losses that are simulated in full. */
export const MOST_LOSSES = 64;
/** Losses simulated at once, before it is looked whether promises are broken. */
const AT_ONCE = 8;

/** What is known of the losses of a placement. */
export interface JudgedLosses {
  /** Simulated in full; up to the first few of which one breaks a promise. */
  readonly losses: readonly Loss[];
  /** Losses there can be. */
  readonly lossCount: number;
  /** Slots that are in the way of keeping every promise after every loss; empty where all are kept. */
  readonly failing: readonly Slot[];
}

/**
 * Judges a placement by all its losses: those of what does most by simulation in full, others by what
 * `failingAfter` says of the devices that are left.
 */
export function* judgeLosses(
  problem: PlanProblem,
  desk: JobDesk,
  placement: Placement,
  failingAfter: (left: Placement) => Search<readonly Slot[]>,
): Search<JudgedLosses> {
  const possible = lossesOf(problem, placement);
  const lossCount = possible.length;
  const serving = (isBroken: (demand: number) => boolean) =>
    slotsOf(placement).filter(({ pieces }) => pieces.some(({ demand }) => isBroken(demand)));
  const inFull = possible.slice(0, MOST_LOSSES);
  const losses = yield* simulateLosses(problem, desk, inFull, { untilBroken: true });
  const isBroken = losses.some(({ kept }) => !kept);
  const other = isBroken ? undefined : yield* brokenByDevice(problem, possible, failingAfter);
  const broken = new Set([...losses, ...(other ? [other] : [])].flatMap((loss) => loss.broken));
  return { losses, lossCount, failing: serving((demand) => isPromised(problem, demand, broken)) };
}

/**
 * Of the losses that are not simulated in full the first that breaks a promise, by what `failingAfter` says of the devices
 * that are left.
 */
export function* brokenByDevice(
  problem: PlanProblem,
  possible: readonly PossibleLoss[],
  failingAfter: (left: Placement) => Search<readonly Slot[]>,
): Search<Loss | undefined> {
  for (const { lost, left, stranded } of possible.slice(MOST_LOSSES)) {
    const failing = left === undefined ? [] : yield* failingAfter(left);
    const demands = [...new Set([...stranded, ...failing.flatMap(demandsOf)])];
    if (demands.length > 0) return brokenLoss(problem, lost, demands);
  }
  return undefined;
}

/** Simulates losses in full on every day; `untilBroken` stops soon after one that breaks a promise. */
export function* simulateLosses(
  problem: PlanProblem,
  desk: JobDesk,
  possible: readonly PossibleLoss[],
  { untilBroken = false }: { readonly untilBroken?: boolean } = {},
): Search<Loss[]> {
  const losses: Loss[] = [];
  for (let at = 0; at < possible.length; at += AT_ONCE) {
    const some = possible.slice(at, at + AT_ONCE);
    const survived = some.flatMap(({ left }) => left ?? []);
    const days = yield* evaluateEach(problem, desk, survived);
    losses.push(
      ...some.map((loss) =>
        loss.left === undefined
          ? brokenLoss(problem, loss.lost, loss.stranded)
          : survivedLoss(loss, days[survived.indexOf(loss.left)]!),
      ),
    );
    if (untilBroken && losses.some(({ kept }) => !kept)) break;
  }
  return losses;
}

/** One that was not simulated, and breaks the promises of these models. */
function brokenLoss({ spec, demands }: PlanProblem, lost: string, broken: readonly number[]): Loss {
  const tenants = broken.flatMap((demand) => demands[demand]!.tenants.map((t) => spec.tenants[t]!.name));
  return { lost, kept: false, broken: tenants };
}

function survivedLoss({ lost }: PossibleLoss, days: readonly EvaluatedPlacement[]): Loss {
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
