import type { DeviceSummary, Summary } from '../metrics/summary.js';
import type { EvaluatedPlacement } from '../plan/evaluate.js';
import type { Migration, MigrationStep } from '../plan/migration.js';
import { isHost, type PlacedGpu, type Placement } from '../plan/placement.js';
import type { Candidate, PlanResult } from '../plan/plan.js';
import type { PlanProblem } from '../plan/problem-setting.js';
import { namedSlots } from '../plan/scenario-of.js';
import type { ModelProfile } from '../profile/profile.js';
import { isBusierThanMeasured } from '../profile/region.js';

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
  readonly survive: string;
  readonly seed: number | string;
  readonly days: number;
  /** Number of the candidate that is the answer; absent where none keeps every SLO. */
  readonly chosen?: number;
  /** Goal of the answer, the most that is proved, and the gap between them as a share of the bound. */
  readonly best?: number;
  readonly bound: number;
  readonly gap?: number;
  /** Every cheaper placement was looked at: nothing is. */
  readonly isOptimal: boolean;
  /** The goal under the screen's rule of thumb for device time, which proves nothing. */
  readonly screenBound: number;
  readonly simulations: number;
  /** Cheapest first, numbered from 1. */
  readonly candidates: readonly ReportedCandidate[];
  readonly losses: PlanResult['losses'];
  readonly lossCount: number;
  readonly loads: readonly ReportedLoad[];
  readonly shortfalls: PlanResult['shortfalls'];
  readonly migration?: ReportedMigration;
  /** Where the limits on machines are in the way: those that would do, each device simulated by itself. */
  readonly needed?: ReportedCandidate['machines'];
}

export interface ReportedCandidate {
  readonly number: number;
  readonly usdPerHour: number;
  readonly usdPerMillionInferences: number;
  /** In use; hosts that serve without a GPU are not counted. */
  readonly gpus: number;
  /** Machines by kind. */
  readonly machines: readonly { readonly kind: string; readonly count: number }[];
  /** Of the worst day. */
  readonly attainment: number;
  readonly slos: number;
  readonly slosKept: number;
  readonly onFront: boolean;
  /** Null where it breaks an SLO on a day on which another candidate breaks none. */
  readonly regretUsdPerHour: number;
  readonly days: readonly { readonly attainment: number; readonly broken: readonly string[] }[];
  readonly devices: readonly ReportedDevice[];
  readonly tenants: readonly ReportedTenant[];
}

export interface ReportedDevice {
  readonly server: string;
  readonly device: string;
  readonly sharing: string;
  readonly busyShare: number;
  /** Present where that is more than its profiles were measured at: what they say there is a guess. */
  readonly measuredUpTo?: number;
  readonly models: readonly {
    readonly model: string;
    readonly replicas: number;
    readonly maxBatchSize: number;
    readonly queueDelayMs: number;
    readonly instances: number;
    /** Share of the device's time, or of the host's cores. */
    readonly busyShare: number;
  }[];
}

/** Of the day on which the tenant's margin is smallest. */
export interface ReportedTenant {
  readonly tenant: string;
  readonly model: string;
  readonly percentile: number;
  readonly limitMs: number;
  readonly latencyMs: number;
  readonly attainment: { readonly value: number; readonly low: number; readonly high: number };
  readonly kept: boolean;
}

/** Ways from the current placement, fewest moves first. */
export interface ReportedMigration {
  readonly current: ReportedStep;
  readonly steps: readonly ReportedStep[];
  /** Number of the step with fewest moves for most of the gain, from 1. */
  readonly recommended?: number;
}

export interface ReportedStep {
  readonly machines: ReportedCandidate['machines'];
  readonly usdPerHour: number;
  readonly slos: number;
  readonly slosKept: number;
  /** Models to load where they are not now, and seconds that the device with most of them takes. */
  readonly moves: number;
  readonly loadS: number;
  /** Part of the saving that the best placement brings; null where it saves nothing. */
  readonly gainShare: number;
}

export interface ReportedLoad {
  readonly factor: number;
  readonly attainment: number;
  readonly slosKept: number;
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
    survive: spec.survive,
    seed: spec.seed,
    days: problem.days.length,
    ...(isFound && { chosen: chosen + 1, best: plainGoal(goal), gap: bound > 0 ? goal / bound - 1 : 0 }),
    bound: plainGoal(bound),
    isOptimal: isFound && result.isExhaustive,
    screenBound: plainGoal(result.bounds.screen),
    simulations: result.simulations,
    candidates: result.candidates.map((candidate, i) => reportedCandidate(problem, candidate, i + 1)),
    losses: result.losses,
    lossCount: result.lossCount,
    loads: result.loadPoints.map(({ factor, evaluated }) => ({
      factor,
      attainment: evaluated.attainment,
      slosKept: promisesOf(evaluated).filter(({ kept }) => kept).length,
      usdPerMillionInferences: usdPerMillion(evaluated),
    })),
    shortfalls: result.shortfalls,
    ...(result.migration && { migration: reportedMigration(problem, result.migration) }),
    ...(result.overLimit && { needed: machinesOf(problem, result.overLimit) }),
  };
}

function requestsUncounted({ slotKinds, demands }: PlanProblem): string[] {
  const isUncounted = (profile: ModelProfile | undefined, s: number) =>
    profile !== undefined && isHost(slotKinds[s]!) && profile.serving?.requestCpuUs === undefined;
  return demands.filter(({ profiles }) => profiles.some(isUncounted)).map(({ model }) => model);
}

/** Without the tiny parts that break ties between equal goals. */
function plainGoal(goal: number): number {
  return Math.round(goal * 1e3) / 1e3;
}

function reportedCandidate(problem: PlanProblem, candidate: Candidate, number: number): ReportedCandidate {
  const { days, placement, onFront, regretUsdPerHour } = candidate;
  const [first] = days;
  const tenants = worstTenants(problem, days);
  return {
    number,
    usdPerHour: first!.usdPerHour,
    usdPerMillionInferences: usdPerMillion(first!),
    gpus: countGpus(problem, placement),
    machines: machinesOf(problem, placement),
    attainment: Math.min(...days.map(({ attainment }) => attainment)),
    slos: tenants.length,
    slosKept: tenants.filter(({ kept }) => kept).length,
    onFront,
    regretUsdPerHour,
    days: days.map((day) => ({
      attainment: day.attainment,
      broken: day.verdicts.filter(({ kept }) => !kept).map(({ tenant }) => tenant),
    })),
    devices: reportedDevices(problem, candidate),
    tenants,
  };
}

function reportedMigration(problem: PlanProblem, migration: Migration): ReportedMigration {
  const { current, steps, recommended } = migration;
  const reported = ({ placement, evaluated, moves, loadMs, gainShare }: MigrationStep): ReportedStep => ({
    machines: machinesOf(problem, placement),
    usdPerHour: evaluated.usdPerHour,
    slos: promisesOf(evaluated).length,
    slosKept: promisesOf(evaluated).filter(({ kept }) => kept).length,
    moves,
    loadS: loadMs / 1000,
    gainShare,
  });
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

function reportedDevices(problem: PlanProblem, { placement, days }: Candidate): ReportedDevice[] {
  const [{ summary }] = days as readonly [EvaluatedPlacement];
  return namedSlots(problem, placement).map(({ name, slot }) => {
    const kind = problem.slotKinds[slot.kind]!;
    const { busyShare, byTenant } =
      kind.cores === undefined ? deviceUse(summary, name) : hostUse(summary, name, kind.cores);
    const shareOf = (tenants: readonly number[]) =>
      byTenant
        .filter(({ tenant }) => tenants.some((t) => problem.spec.tenants[t]!.name === tenant))
        .reduce((sum, { share }) => sum + share, 0);
    return {
      server: name,
      device: kind.device,
      sharing: slot.pieces.length > 1 || kind.mode === 'mig' ? kind.mode : 'exclusive',
      busyShare,
      ...beyondMeasured(problem, slot, busyShare),
      models: slot.pieces.map(({ demand, replicas, option }) => {
        const { model, tenants } = problem.demands[demand]!;
        return { model, replicas, ...option, busyShare: shareOf(tenants) };
      }),
    };
  });
}

/** The least that profiles of models there were measured at, where the device is busier. */
function beyondMeasured(
  { demands }: PlanProblem,
  { kind, pieces }: { readonly kind: number; readonly pieces: readonly { readonly demand: number }[] },
  busyShare: number,
): Pick<ReportedDevice, 'measuredUpTo'> {
  const beyond = pieces
    .flatMap(({ demand }) => demands[demand]!.profiles[kind] ?? [])
    .filter((profile) => isBusierThanMeasured(profile, busyShare));
  if (beyond.length === 0) return {};
  return { measuredUpTo: Math.min(...beyond.map(({ region }) => region.maxUtilization)) };
}

/** How busy the device or host of a server is, and with whom. */
interface Use {
  readonly busyShare: number;
  readonly byTenant: DeviceSummary['shareByTenant'];
}

function deviceUse({ devices }: Summary, name: string): Use {
  const device = devices.find(({ server }) => server === name);
  return { busyShare: device?.busyShare ?? 0, byTenant: device?.shareByTenant ?? [] };
}

/** The share of its cores that is busy, divided among tenants as the time of their executions on them is. */
function hostUse({ devices, hosts }: Summary, name: string, cores: number): Use {
  const busyShare = (hosts.find(({ server }) => server === name)?.coresBusy ?? 0) / cores;
  const all = devices.filter(({ server }) => server === name).flatMap(({ shareByTenant }) => shareByTenant);
  const whole = all.reduce((sum, { share }) => sum + share, 0);
  const byTenant = all.map(({ tenant, share }) => ({
    tenant,
    share: whole > 0 ? (busyShare * share) / whole : 0,
  }));
  return { busyShare, byTenant };
}

/** Real ones: hosts that serve without a GPU are none. */
function countGpus({ slotKinds }: PlanProblem, { machines }: Placement): number {
  const isGpu = ({ slots }: PlacedGpu) => !slots.some(({ kind }) => isHost(slotKinds[kind]!));
  return machines.flatMap(({ gpus }) => gpus).filter(isGpu).length;
}

function worstTenants(problem: PlanProblem, days: readonly EvaluatedPlacement[]): ReportedTenant[] {
  return problem.spec.tenants.flatMap(({ name, model, slo }) => {
    if (slo === undefined) return [];
    const verdicts = days.flatMap((day) => day.verdicts.filter(({ tenant }) => tenant === name));
    const worst = verdicts.reduce((a, b) => (b.margin < a.margin ? b : a));
    const { percentile, limitMs } = slo;
    const { attainment } = worst.summary.slo!;
    const kept = verdicts.every((verdict) => verdict.kept);
    return [{ tenant: name, model, percentile, limitMs, latencyMs: worst.latencyMs, attainment, kept }];
  });
}

function promisesOf({ verdicts }: EvaluatedPlacement) {
  return verdicts.filter(({ summary }) => summary.slo !== undefined);
}

function usdPerMillion({ usdPerHour, summary }: EvaluatedPlacement): number {
  return (usdPerHour / (summary.total.inferencesPerS.value * 3600)) * 1e6;
}
