import { RandomStreams } from '../../base/random.js';
import { type EvaluatedPlacement, evaluate, verdictsOfPart } from '../evaluate.js';
import { fitsMemory } from '../memory.js';
import type { Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import type { NamedSlot } from '../scenario-of.js';
import { type Slower, slowerProblem } from '../slow-end.js';
import type { Tally, TenantVerdict } from '../verdict.js';
import { aloneRow, type Look, USUAL_FILL } from './alone-row.js';
import type { AloneServing, AloneTable } from './columns.js';
import { type ExactAnswer, exactPlacement } from './exact.js';
import type { MachineCounts } from './machine-sets.js';
import { inHalves, packShared, repairPacking } from './packing/pack.js';
import { type PlacedSlot, SlotFeasibility } from './slot-feasibility.js';

/** Models that are to be packed on devices of one kind, up to a screened share of their time. */
export interface PackGroup {
  readonly kind: number;
  readonly workloads: readonly number[];
  readonly fill: number;
}

/**
 * A part of a search that depends on nothing but itself and the problem, so that parts may run side by
 * side on several threads. Plain data.
 */
export type SearchJob =
  | {
      readonly type: 'alone';
      readonly workload: number;
      readonly look: Look;
      /** Slots that are known not to do, whatever a simulation of them alone says. */
      readonly forbidden?: readonly Slot[];
    }
  | {
      readonly type: 'exact';
      readonly machines: MachineCounts;
      /** Part of the time left that it may take. */
      readonly share: number;
      readonly mostSimulations: number;
    }
  | { readonly type: 'hold'; readonly slots: readonly Slot[] }
  | { readonly type: 'fill'; readonly kind: number; readonly alone: AloneTable }
  | {
      readonly type: 'packing';
      readonly groups: readonly PackGroup[];
      readonly alone: AloneTable;
      /** 0 takes the largest models first, others an order disturbed by chance. */
      readonly round: number;
      /** Brought to its end, so that there is an answer however short the time. */
      readonly mustEnd?: boolean;
    }
  | { readonly type: 'check'; readonly slots: readonly PlacedSlot[] }
  | { readonly type: 'repair'; readonly slots: readonly Slot[]; readonly forbidden: readonly Slot[] }
  | { readonly type: 'verdicts'; readonly slot: Slot }
  | {
      readonly type: 'evaluate';
      readonly placement: Placement;
      readonly day: number;
      /** Times the arrivals. Default 1. */
      readonly loadFactor?: number;
      /** On slower machines. Default: those of the problem. */
      readonly slower?: Slower;
    }
  | { readonly type: 'part'; readonly slots: readonly NamedSlot[]; readonly day: number };

export type JobOf<Type extends SearchJob['type']> = SearchJob & { readonly type: Type };

/** Types of jobs that bring a placement to its end, when the time for finding better ones is over. */
export const FINAL_JOBS: readonly SearchJob['type'][] = ['check', 'repair', 'verdicts', 'evaluate', 'part'];

export interface JobValues {
  readonly alone: readonly (AloneServing | undefined)[];
  readonly exact: ExactAnswer;
  /** Those that seem to meet their SLOs. */
  readonly hold: readonly Slot[];
  /** Highest fills, the best first. */
  readonly fill: readonly number[];
  /** Absent when time ran out before every device was known to do. */
  readonly packing: readonly Slot[] | undefined;
  readonly check: readonly SlotCheck[];
  readonly repair: readonly Slot[];
  /** Of every tenant on the first day, then on the next. */
  readonly verdicts: readonly TenantVerdict[];
  readonly evaluate: EvaluatedPlacement;
  /** Of every tenant of their models. */
  readonly part: readonly TenantVerdict[];
}

/** What the whole runs of a slot say. */
export interface SlotCheck {
  /** Whether it does by itself: it fits, and meets its SLOs after a failure where that is asked for. */
  readonly holds: boolean;
  /** By day: the requests that it gets in the placement. */
  readonly tallies: readonly (readonly Tally[])[];
}

export interface JobAnswer<Type extends SearchJob['type'] = SearchJob['type']> {
  readonly value: JobValues[Type];
  readonly simulations: number;
}

/** What may be used up by one job. */
export interface JobLimits {
  /** Seconds until it is to come to an end; asked again and again. */
  readonly remainingS: () => number;
  readonly mostSimulations?: number | undefined;
}

/** Brings a search to its end in this thread. */
export function driveInline<Result>(
  search: Generator<readonly SearchJob[], Result, readonly JobAnswer[]>,
  runner: JobRunner,
  limits: JobLimits,
): Result {
  let step = search.next();
  while (step.done !== true) step = search.next(step.value.map((job) => runner.run(job, limits)));
  return step.value;
}

/** Jobs that simulate once. */
const WHOLE: readonly SearchJob['type'][] = ['verdicts', 'evaluate', 'part'];

/** Does jobs, one after the other, and remembers what it has simulated. */
export class JobRunner {
  readonly problem: PlanProblem;
  readonly #feasibility: SlotFeasibility;

  constructor(problem: PlanProblem) {
    this.problem = problem;
    this.#feasibility = new SlotFeasibility(problem);
  }

  run<Type extends SearchJob['type']>(job: JobOf<Type>, limits: JobLimits): JobAnswer<Type> {
    const feasibility = this.#feasibility;
    feasibility.startCounting();
    const { mostSimulations = Infinity } = limits;
    const isOver = () => limits.remainingS() <= 0 || feasibility.simulations >= mostSimulations;
    const value = this.#valueOf(job, isOver, limits) as JobValues[Type];
    const whole =
      job.type === 'exact' ? (value as ExactAnswer).simulations : Number(WHOLE.includes(job.type));
    return { value, simulations: feasibility.simulations + whole };
  }

  #valueOf(job: SearchJob, isOver: () => boolean, limits: JobLimits): JobValues[SearchJob['type']] {
    const feasibility = this.#feasibility;
    // What an earlier job forbade is nothing to this one: which jobs came to this thread before is chance.
    feasibility.forbid(job.type === 'alone' || job.type === 'repair' ? (job.forbidden ?? []) : []);
    switch (job.type) {
      case 'alone':
        return aloneRow(feasibility, job.workload, job);
      case 'exact':
        return exactPlacement(this.problem, job.machines, {
          mostSimulations: job.mostSimulations,
          isOver: isOverPart(job.share, limits),
        });
      case 'hold':
        return job.slots.filter((slot) => !isOver() && feasibility.seemsToMeet(slot));
      case 'fill':
        return fillsThatHold(feasibility, job.alone, job.kind, isOver);
      case 'packing':
        return pack(feasibility, job, isOver);
      case 'check':
        return job.slots.map((placed) => checkSlot(feasibility, placed));
      case 'repair':
        return repairPacking(this.problem, job.slots, { feasibility, fill: Infinity, isOver });
      case 'verdicts':
        return this.problem.days.flatMap((day) => feasibility.verdicts(job.slot, day));
      case 'evaluate':
        return evaluate(
          job.slower === undefined ? this.problem : slowerProblem(this.problem, job.slower),
          job.placement,
          this.problem.days[job.day]!,
          job.loadFactor,
        );
      case 'part':
        return verdictsOfPart(this.problem, job.slots, this.problem.days[job.day]!);
    }
  }
}

/** Whether a part of the time left now is used up. */
function isOverPart(share: number, { remainingS }: JobLimits): () => boolean {
  const untilS = Math.max(0, (1 - share) * remainingS());
  return () => remainingS() <= untilS;
}

function checkSlot(feasibility: SlotFeasibility, placed: PlacedSlot): SlotCheck {
  const { survive } = feasibility.problem.spec;
  const holds =
    fitsMemory(feasibility.problem, placed.slot) && (survive === 'nothing' || feasibility.meets(placed.slot));
  return { holds, tallies: feasibility.tally(placed) };
}

/** Screened fill of devices; simulation bears out some of it. */
const FILLS = [1.1, 1, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.3] as const;
/** Share of the sample that must hold; the rest is repaired. */
const HOLDING = 0.8;
const ROUNDING = 1e-9;
/** Devices of a packing that are simulated to see whether its fill holds. */
const SAMPLE = 12;

/** The highest fill at which most of the devices hold, and the one above it; one not looked at where time is up. */
function fillsThatHold(
  feasibility: SlotFeasibility,
  alone: AloneTable,
  kind: number,
  isOver: () => boolean,
): readonly number[] {
  const workloads = servableOn(feasibility.problem, alone, kind);
  for (const [i, fill] of FILLS.entries()) {
    if (isOver()) return [Math.min(FILLS[i - 1] ?? fill, USUAL_FILL)];
    const slots = packShared(feasibility.problem, workloads, kind, alone, { fill });
    const step = Math.max(1, Math.floor(slots.length / SAMPLE));
    const sample = slots.filter((slot, at) => at % step === 0 && slot.modelReplicas.length > 1);
    if (mostHold(feasibility, sample, isOver)) return i === 0 ? [fill] : [fill, FILLS[i - 1]!];
  }
  return [FILLS.at(-1)!];
}

/** Whether enough of a sample hold; asks no longer than that is open. */
function mostHold(feasibility: SlotFeasibility, sample: readonly Slot[], isOver: () => boolean): boolean {
  let mayFail = Math.floor((1 - HOLDING) * sample.length + ROUNDING);
  for (const slot of sample) {
    if (!isOver() && feasibility.seemsToMeet(slot)) continue;
    if (mayFail === 0) return false;
    mayFail--;
  }
  return true;
}

export function servableOn({ workloads }: PlanProblem, alone: AloneTable, kind: number): number[] {
  return workloads.flatMap((_, d) => (alone[d]![kind] === undefined ? [] : [d]));
}

/** How far beyond the fill of the packing simulation may still be asked. */
const SLACK = 0.15;

function pack(
  feasibility: SlotFeasibility,
  { groups, alone, round, mustEnd = false }: JobOf<'packing'>,
  isOver: () => boolean,
): readonly Slot[] | undefined {
  const { problem } = feasibility;
  if (isOver() && !mustEnd) return undefined;
  const slots = groups.flatMap(({ kind, workloads, fill }) => {
    const random =
      round === 0 ? undefined : new RandomStreams(problem.spec.seed).get(`packing ${kind}/${round}`);
    const screened = packShared(problem, workloads, kind, alone, { fill, random });
    return repairPacking(problem, screened, { feasibility, fill: fill + SLACK, isOver });
  });
  if (mustEnd && isOver()) return slots.flatMap((slot) => partsThatHold(feasibility, slot));
  const isWhole = slots.every((slot) => (mustEnd || !isOver()) && feasibility.seemsToMeet(slot));
  return isWhole ? slots : undefined;
}

/** A device that fails is divided in two, and these again, down to single models. */
function partsThatHold(feasibility: SlotFeasibility, slot: Slot): Slot[] {
  if (slot.modelReplicas.length === 1 || feasibility.seemsToMeet(slot)) return [slot];
  return inHalves(feasibility.problem, slot).flatMap((half) => partsThatHold(feasibility, half));
}
