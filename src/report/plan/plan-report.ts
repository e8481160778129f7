import { given } from '../../base/given.js';
import type { Warning } from '../../base/warning.js';
import type { PlanCandidate } from '../../plan/candidates.js';
import type { EvaluatedPlacement } from '../../plan/evaluate.js';
import { type Migration, type MigrationStep, violatedTenants } from '../../plan/migration/migration.js';
import { isHost, type PlacedGpu, type Placement, type SlotKind } from '../../plan/placement.js';
import type { PlanResult } from '../../plan/plan.js';
import { type PlanProblem, partsOf } from '../../plan/problem-setting.js';
import { isOverLimit } from '../../plan/search/infeasible.js';
import { knowsCores } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import { guessesText } from '../../scenario/starter/model-points.js';
import { type ReportedDevice, reportedDevices } from './plan-devices.js';
import { type ReportedDoubt, reportedDoubt } from './plan-doubt.js';
import { type ReportedKind, reportedKind } from './plan-kinds.js';
import { type ReportedTenant, reportedTenants } from './plan-tenants.js';
import { warningsOf } from './plan-warnings.js';

/** A plan's answer as plain values: what `--json` prints and the page shows. */
export interface PlanReport {
  readonly format: 'perseus-plan/1';
  readonly name: string;
  /** `cost` in dollars per hour, or `gpus`, a host without one counting as one. */
  readonly goal: 'cost' | 'gpus';
  /** Hosts that serve without a GPU are among the machines. */
  readonly withHosts: boolean;
  /** Models that may be on hosts, and whose profiles do not say what taking requests in costs the cores. */
  readonly requestsUncounted: readonly string[];
  /** Those of them whose profiles do not even say what executions take of the cores. */
  readonly executionsUncounted: readonly string[];
  readonly survive: string;
  /** How much longer than measured everything was planned to take. */
  readonly marginPercent: number;
  /** How well the times are known with which it was planned, and what comes of the answer where they are longer. */
  readonly doubt?: ReportedDoubt;
  /** Without an answer: what must hold of profiles that nobody filled in, as in {@link ReportedDoubt}. */
  readonly profileGuesses?: string;
  readonly seed: number | string;
  readonly days: number;
  /** Number of the candidate that is the answer; absent where none meets every SLO. */
  readonly chosen?: number;
  /**
   * Goal of the answer, the most that is proved, and the gap between them as a share of the bound; negative
   * where the answer meets every SLO in the run and could not go on like that.
   */
  readonly best?: number;
  readonly bound: number;
  readonly gap?: number;
  /** Every placement that might be cheaper was looked at; without an answer, every one. */
  readonly isExhaustive: boolean;
  /** The bound holds within the settings of the plan: every placement below it was looked at. */
  readonly isLookedAt: boolean;
  /** There is an answer, and nothing is cheaper. */
  readonly isOptimal: boolean;
  /** The goal under the screen's rule of thumb for device time, which proves nothing. */
  readonly screenBound: number;
  readonly simulations: number;
  /** Only where the search was stopped before its end: this is the best that it had found until then. */
  readonly interrupted?: true;
  /** Cheapest first, numbered from 1. */
  readonly candidates: readonly ReportedCandidate[];
  /** Of the answer, where there is none of the placement that comes nearest. */
  readonly failures: PlanResult['failures'];
  readonly failureCount: number;
  readonly loads: readonly ReportedLoad[];
  /** The best on machines of each kind alone, where there are several kinds. */
  readonly byKind?: readonly ReportedKind[];
  readonly shortfalls: PlanResult['shortfalls'];
  readonly migration?: ReportedMigration;
  /** Where the limits on machines are in the way: those that would do, each device simulated by itself. */
  readonly needed?: ReportedCandidate['machines'];
  /** What a reader must know before trusting the answer, of all its days; what matters least comes last. */
  readonly warnings: readonly Warning[];
}

export interface ReportedCandidate {
  readonly number: number;
  readonly usdPerHour: number;
  readonly usdPerMillionInferences: number;
  /** In use; hosts that serve without a GPU are not counted. */
  readonly gpus: number;
  readonly machines: readonly { readonly kind: string; readonly count: number }[];
  /** Of the worst day. */
  readonly attainment: number;
  /** After the worst failure that was simulated; absent where none was. */
  readonly attainmentAfterFailure?: number;
  readonly slos: number;
  /** On every day, and after the failures that were simulated. */
  readonly slosMet: number;
  /** Tenants whose SLO is met on every day and violated by one of the failures that were simulated. */
  readonly violatedAfterFailure: readonly string[];
  readonly onFront: boolean;
  /** Null where it violates an SLO on a day on which another candidate violates none. */
  readonly regretUsdPerHour: number;
  readonly days: readonly { readonly attainment: number; readonly violated: readonly string[] }[];
  readonly devices: readonly ReportedDevice[];
  readonly tenants: readonly ReportedTenant[];
}

export interface ReportedMigration {
  readonly current: ReportedStep;
  readonly steps: readonly ReportedStep[];
  /** Number of the step with fewest moves for most of the gain, from 1. */
  readonly recommended?: number;
}

export interface ReportedStep {
  readonly machines: ReportedCandidate['machines'];
  readonly usdPerHour: number;
  /** In use; hosts that serve without a GPU are not counted. */
  readonly gpus: number;
  readonly slos: number;
  /** On every day and after every failure. */
  readonly slosMet: number;
  /** Models to load where they are not now, and seconds that the device with most of them takes. */
  readonly moves: number;
  readonly loadS: number;
  /** Part of what the best placement improves the goal by; null where that is nothing. */
  readonly gainShare: number;
}

export interface ReportedLoad {
  readonly factor: number;
  readonly attainment: number;
  readonly slosMet: number;
  readonly usdPerMillionInferences: number;
}

/** Puts what a plan found into values, names in place of indices. */
export function planReport(problem: PlanProblem, result: PlanResult): PlanReport {
  const { spec } = problem;
  const { goal, bound, chosen } = result;
  const isFound = chosen !== undefined;
  return {
    format: 'perseus-plan/1',
    name: spec.name,
    goal: spec.goal,
    withHosts: problem.slotKinds.some(isHost),
    requestsUncounted: requestsUncounted(problem),
    executionsUncounted: modelsWith(problem, (profile, slot) => isHost(slot) && !knowsCores(profile)),
    survive: spec.survive,
    marginPercent: spec.marginPercent,
    ...(isFound
      ? { doubt: reportedDoubt(problem, result.candidates[chosen]!.placement, result.slowEnd) }
      : given({ profileGuesses: guessesText(profilesOf(problem)) })),
    seed: spec.seed,
    days: problem.days.length,
    ...(isFound && { chosen: chosen + 1, best: plainGoal(goal), gap: gapOf(goal, bound) }),
    bound: plainGoal(bound),
    isExhaustive: result.isExhaustive,
    isLookedAt: result.isLookedAt,
    isOptimal: isFound && result.isExhaustive,
    screenBound: plainGoal(result.bounds.screen),
    simulations: result.simulations,
    ...(result.interrupted === true && { interrupted: true }),
    candidates: result.candidates.map((candidate, i) => reportedCandidate(problem, candidate, i + 1)),
    failures: result.failures,
    failureCount: result.failureCount,
    loads: result.loadPoints.map(({ factor, evaluated }) => ({
      factor,
      attainment: evaluated.attainment,
      slosMet: slosOf(evaluated).filter(({ met }) => met).length,
      usdPerMillionInferences: usdPerMillion(evaluated),
    })),
    ...(result.byKind && { byKind: result.byKind.map((outcome) => reportedKind(problem, outcome)) }),
    shortfalls: result.shortfalls,
    ...(result.migration && { migration: reportedMigration(problem, result.migration) }),
    ...(result.nearest &&
      isOverLimit(problem, result.nearest) && { needed: machinesOf(problem, result.nearest) }),
    warnings: [...problem.loadWarnings, ...(isFound ? warningsOf(result.candidates[chosen]!) : [])],
  };
}

/** Of all models, on every kind of slot. */
function profilesOf({ workloads }: PlanProblem): readonly ModelProfile[] {
  return workloads
    .flatMap(partsOf)
    .flatMap(({ profiles }) => profiles.filter((profile) => profile !== undefined));
}

function requestsUncounted(problem: PlanProblem): string[] {
  return modelsWith(problem, ({ serving }, slot) => isHost(slot) && serving?.requestCpuUs === undefined);
}

/** Models with such a profile for some kind of slot. */
function modelsWith(
  { slotKinds, workloads }: PlanProblem,
  isSuch: (profile: ModelProfile, slot: SlotKind) => boolean,
): string[] {
  const isOne = (profile: ModelProfile | undefined, s: number) =>
    profile !== undefined && isSuch(profile, slotKinds[s]!);
  return workloads.filter(({ profiles }) => profiles.some(isOne)).map(({ model }) => model);
}

/** As a share of the bound; 0 where the two differ by no more than a solver's rounding. */
function gapOf(goal: number, bound: number): number {
  const gap = bound > 0 ? goal / bound - 1 : 0;
  return Math.abs(gap) < ROUNDING ? 0 : gap;
}

const ROUNDING = 1e-6;

/** Without the tiny parts that break ties between equal goals. */
function plainGoal(goal: number): number {
  return Math.round(goal * 1e3) / 1e3;
}

function reportedCandidate(
  problem: PlanProblem,
  candidate: PlanCandidate,
  number: number,
): ReportedCandidate {
  const { days, placement, failures, attainmentAfterFailure, onFront, regretUsdPerHour } = candidate;
  const [first] = days;
  const tenants = reportedTenants(problem, candidate);
  const met = tenants.filter((tenant) => tenant.met).map(({ tenant }) => tenant);
  const violatedAfterFailure = met.filter((tenant) =>
    failures.some(({ violated }) => violated.includes(tenant)),
  );
  return {
    number,
    usdPerHour: first!.usdPerHour,
    usdPerMillionInferences: usdPerMillion(first!),
    gpus: countGpus(problem, placement),
    machines: machinesOf(problem, placement),
    attainment: Math.min(...days.map(({ attainment }) => attainment)),
    ...(attainmentAfterFailure !== undefined && { attainmentAfterFailure }),
    slos: tenants.length,
    slosMet: met.length - violatedAfterFailure.length,
    violatedAfterFailure,
    onFront,
    regretUsdPerHour,
    days: days.map((day) => ({
      attainment: day.attainment,
      violated: [
        ...day.verdicts.filter(({ met }) => !met).map(({ tenant }) => tenant),
        ...day.unserved.map((t) => problem.spec.tenants[t]!.name),
      ],
    })),
    devices: reportedDevices(problem, candidate),
    tenants,
  };
}

function reportedMigration(problem: PlanProblem, migration: Migration): ReportedMigration {
  const { current, steps, recommended } = migration;
  const reported = (step: MigrationStep): ReportedStep => {
    const { placement, days, moves, loadMs, gainShare } = step;
    const slos = slosOf(days[0]!);
    const violated = violatedTenants(step);
    return {
      machines: machinesOf(problem, placement),
      usdPerHour: days[0]!.usdPerHour,
      gpus: countGpus(problem, placement),
      slos: slos.length + violatedWithout(problem, days[0]!),
      slosMet: slos.filter(({ tenant }) => !violated.has(tenant)).length,
      moves,
      loadS: loadMs / 1000,
      gainShare,
    };
  };
  return {
    current: reported(current),
    steps: steps.map(reported),
    ...(recommended !== undefined && { recommended: recommended + 1 }),
  };
}

function machinesOf(problem: PlanProblem, placement: Placement): ReportedCandidate['machines'] {
  return problem.machines
    .map(({ name }, k) => ({
      kind: name,
      count: placement.machines.filter(({ kind }) => kind === k).length,
    }))
    .filter(({ count }) => count > 0);
}

/** Real ones: hosts that serve without a GPU are none. */
function countGpus({ slotKinds }: PlanProblem, { machines }: Placement): number {
  const isGpu = (slots: PlacedGpu) => !slots.some(({ kind }) => isHost(slotKinds[kind]!));
  return machines.flatMap(({ gpus }) => gpus).filter(isGpu).length;
}

function slosOf({ verdicts }: EvaluatedPlacement) {
  return verdicts.filter(({ summary }) => summary.slo !== undefined);
}

function violatedWithout({ spec }: PlanProblem, { unserved }: EvaluatedPlacement): number {
  return unserved.filter((t) => spec.tenants[t]!.slo !== undefined).length;
}

function usdPerMillion({ usdPerHour, summary }: EvaluatedPlacement): number {
  return (usdPerHour / (summary.total.inferencesPerS.value * 3600)) * 1e6;
}
