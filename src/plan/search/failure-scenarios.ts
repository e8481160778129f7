import { type DayOutcome, type EvaluatedPlacement, meetsAll, violatedOn, withVerdicts } from '../evaluate.js';
import {
  countOn,
  mapSlots,
  type PlacedGpu,
  type Placement,
  type Slot,
  slotsOf,
  workloadsOn,
} from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { machineNames, type NamedSlot, namedSlots } from '../scenario-of.js';
import type { JobDispatcher } from './job-dispatcher.js';
import { shareOfMachine } from './neighbours.js';
import type { Search } from './search-setting.js';

/** A placement simulated in full on every day, and after failures where the plan asks about them. */
export interface CheckedPlacement {
  readonly placement: Placement;
  /** In the order of the plan's days. */
  readonly days: readonly EvaluatedPlacement[];
  readonly failures: readonly FailureScenario[];
}

/** What becomes of the SLOs while a GPU or machine is lost. */
export interface FailureScenario {
  /** Name of the machine, and number of the GPU where only that is lost. */
  readonly lost: string;
  readonly met: boolean;
  /** Tenants whose SLO is violated then. */
  readonly violated: readonly string[];
  /** Share of all requests under SLOs answered within their limit, on the worst day; absent where a model has no device left. */
  readonly attainment?: number;
  /** The tenant with the smallest margin and that margin; absent there, too. */
  readonly worst?: { readonly tenant: string; readonly margin: number };
}

/** A failure that there can be, and what is left after it. */
export interface PossibleFailure {
  readonly lost: string;
  readonly gpus: readonly PlacedGpu[];
  /** Screened share of device time on what is lost, of all its devices together. */
  readonly share: number;
  /** Replicas elsewhere take over. Absent where a model has none. */
  readonly left?: Placement;
  /** Indices of the workloads that have none. */
  readonly stranded: readonly number[];
}

/** Every failure that the plan asks about, those of what does most first. */
export function failuresOf(problem: PlanProblem, placement: Placement): PossibleFailure[] {
  const { survive } = problem.spec;
  if (survive === 'nothing') return [];
  const names = machineNames(problem, placement);
  const all = placement.machines.flatMap(({ gpus }, m) => {
    const name = names[m]!;
    if (survive === 'machine' || gpus.length === 1) return [{ lost: name, gpus }];
    return gpus.map((gpu, g) => ({ lost: `${name}, GPU ${g + 1}`, gpus: [gpu] }));
  });
  return all
    .map((failure) => ({
      ...failure,
      share: shareOfMachine(problem, failure),
      ...afterFailure(placement, failure.gpus),
    }))
    .sort((a, b) => b.share - a.share);
}

/** The placement without some of its GPUs, where replicas elsewhere take over. */
export function afterFailure(
  { machines }: Placement,
  lost: readonly PlacedGpu[],
): Pick<PossibleFailure, 'left' | 'stranded'> {
  const rest = {
    machines: machines
      .map((machine) => ({ ...machine, gpus: machine.gpus.filter((gpu) => !lost.includes(gpu)) }))
      .filter(({ gpus }) => gpus.length > 0),
  };
  const kept = slotsOf(rest);
  const stranded = [...workloadsOn(lost.flat())].filter((workload) => countOn(kept, workload) === 0);
  if (stranded.length > 0) return { stranded };
  const takingOver = (slot: Slot): Slot => ({
    ...slot,
    modelReplicas: slot.modelReplicas.map((modelReplica) => ({
      ...modelReplica,
      replicas: countOn(kept, modelReplica.workload),
      perFaultDomain: 0,
    })),
  });
  return { left: mapSlots(rest, takingOver), stranded };
}

/**
 * What a failure leaves that can tell a difference: slots that serve a model which some of the lost ones served, and, as every slot has a
 * server of its own, those that share a model with these, and so on; in the placement's order, in which requests are dealt. None where
 * nothing is left.
 */
export function touchedSlots(problem: PlanProblem, { left, gpus }: PossibleFailure): NamedSlot[] {
  if (left === undefined) return [];
  const slots = namedSlots(problem, left);
  const workloads = new Set(workloadsOn(gpus.flat()));
  const isTouched = ({ slot }: NamedSlot) =>
    slot.modelReplicas.some(({ workload }) => workloads.has(workload));
  for (let before = -1; before !== workloads.size; ) {
    before = workloads.size;
    for (const workload of workloadsOn(slots.filter(isTouched).map(({ slot }) => slot)))
      workloads.add(workload);
  }
  return slots.filter(isTouched);
}

/** Failures simulated at once, before it is looked whether SLOs are violated. */
const AT_ONCE = 8;

/** What is known of the failures of a placement. */
export interface CheckedFailures {
  /** All, or up to the first few of which one violates an SLO; empty where none is asked about. */
  readonly failures: readonly FailureScenario[];
  readonly failureCount: number;
  /** Slots that are in the way of meeting every SLO after every failure; empty where all are met. */
  readonly failing: readonly Slot[];
}

/** Slots that serve any of these tenants. */
export function slotsOfTenants(
  { workloads, spec }: PlanProblem,
  placement: Placement,
  tenants: readonly string[],
): Slot[] {
  const asked = new Set(tenants);
  return slotsOf(placement).filter(({ modelReplicas }) =>
    modelReplicas.some(({ workload }) =>
      workloads[workload]!.tenants.some((t) => asked.has(spec.tenants[t]!.name)),
    ),
  );
}

/**
 * Simulates failures on every day, all that they touch: until soon after one that violates an SLO, or all of them.
 * @param days the placement as it is
 */
export function* simulateFailures(
  dispatcher: JobDispatcher,
  possible: readonly PossibleFailure[],
  days: readonly EvaluatedPlacement[],
  howMany: 'untilViolated' | 'all' = 'untilViolated',
): Search<FailureScenario[]> {
  const failures: FailureScenario[] = [];
  for (let at = 0; at < possible.length; at += AT_ONCE) {
    const some = possible.slice(at, at + AT_ONCE);
    const after = yield* daysAfter(dispatcher, some, days);
    failures.push(
      ...some.map((failure, i) =>
        failure.left === undefined
          ? failureThatStrands(dispatcher.problem, failure.lost, failure.stranded)
          : survivedFailure(failure, after[i]!),
      ),
    );
    if (howMany !== 'all' && failures.some(({ met }) => !met)) break;
  }
  return failures;
}

/** The days after each failure: what it touches is simulated, all at once, and the rest is as it was. */
function* daysAfter(
  dispatcher: JobDispatcher,
  possible: readonly PossibleFailure[],
  days: readonly EvaluatedPlacement[],
): Search<DayOutcome[][]> {
  const jobs = possible.map((failure) => {
    const slots = touchedSlots(dispatcher.problem, failure);
    return slots.length === 0 ? [] : days.map((_, day) => ({ type: 'part', slots, day }) as const);
  });
  const verdicts = yield* dispatcher.ask('part', jobs.flat());
  let next = 0;
  return jobs.map((own) => {
    const first = next;
    next += own.length;
    return days.map((day, d) => withVerdicts(day, own.length === 0 ? [] : verdicts[first + d]!));
  });
}

/** One that was not simulated, and violates the SLOs of these models. */
function failureThatStrands(
  { spec, workloads }: PlanProblem,
  lost: string,
  violated: readonly number[],
): FailureScenario {
  const tenants = violated.flatMap((workload) =>
    workloads[workload]!.tenants.map((t) => spec.tenants[t]!.name),
  );
  return { lost, met: false, violated: tenants };
}

function survivedFailure({ lost }: PossibleFailure, days: readonly DayOutcome[]): FailureScenario {
  const [worst] = days
    .flatMap(({ verdicts }) => verdicts)
    .filter(({ summary }) => summary.slo !== undefined)
    .sort((a, b) => a.margin - b.margin);
  return {
    lost,
    met: days.every(meetsAll),
    violated: violatedOn(days),
    attainment: Math.min(...days.map(({ attainment }) => attainment)),
    ...(worst && { worst: { tenant: worst.tenant, margin: worst.margin } }),
  };
}
