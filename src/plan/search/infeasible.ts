import type { EvaluatedPlacement } from '../evaluate.js';
import { networkDelayMs } from '../host-side.js';
import { fitsMemory, neededMb } from '../memory.js';
import type { Placement, ServingOption, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { executionLimitMs, optionsThatHold, rankOptions, shortestMs } from '../screen.js';
import type { TenantVerdict } from '../verdict.js';
import type { JobDispatcher } from './job-dispatcher.js';
import { withOneGivenUp, withOneLess } from './neighbours.js';
import type { Search, SearchResult } from './search-setting.js';

/** An SLO that cannot be met; without one, a tenant that no device keeps up with. */
export interface Shortfall {
  readonly tenant: string;
  /** Both absent where there is no SLO. */
  readonly percentile?: number;
  readonly limitMs?: number;
  /** The best that was seen at that percentile; NaN where too little was answered to say. */
  readonly latencyMs: number;
  /**
   * Share of its requests within the limit less the share that the SLO asks for; where there is none, share of them that
   * was left unanswered, negative.
   */
  readonly margin: number;
  /** Where its model fits on no device: what it needs, and what the largest has, in MiB. Nothing was simulated then. */
  readonly memory?: { readonly neededMb: number; readonly largestMb: number };
  readonly where: string;
  /** Part of the latency that no placement changes: the network both ways. */
  readonly networkMs: number;
  /** Only there where the search ended before it knew: more machines, which there may be, might keep it. */
  readonly mayBeMet?: true;
}

/** Why nothing was found, and the placement that comes nearest. */
export interface Infeasibility {
  readonly shortfalls: readonly Shortfall[];
  readonly nearest?: { readonly placement: Placement; readonly days: readonly EvaluatedPlacement[] };
}

/**
 * Says which SLOs are in the way: those of models that no device can serve in time, whatever their
 * number; else those that the best placement within the limits on machines breaks.
 */
export function* explainInfeasible(
  dispatcher: JobDispatcher,
  found: Pick<SearchResult, 'unservable' | 'nearest' | 'bound'>,
): Search<Infeasibility> {
  const { problem } = dispatcher;
  if (found.unservable.length > 0) {
    const shortfalls: Shortfall[] = [];
    for (const workload of found.unservable) shortfalls.push(...(yield* bestAlone(dispatcher, workload)));
    return { shortfalls };
  }
  const placement = withinLimits(problem, found.nearest);
  if (placement === undefined) return { shortfalls: [] };
  const days = yield* dispatcher.evaluateDays(placement);
  const isKnown = found.bound === Infinity;
  const where = isKnown ? ANYWHERE : 'the nearest placement found';
  const missed = worstViolated(days.flatMap(({ verdicts }) => verdicts)).map((verdict) =>
    shortfallOf(problem, verdict, { where }),
  );
  const unserved = [...new Set(days.flatMap((day) => day.unserved))];
  const shortfalls = [...missed, ...unserved.map((t) => shortfallOfUnserved(problem, t, where))].map(
    (shortfall): Shortfall => (isKnown ? shortfall : { ...shortfall, mayBeMet: true }),
  );
  return { shortfalls: shortfalls.sort((a, b) => a.margin - b.margin), nearest: { placement, days } };
}

const ANYWHERE = 'all machines that may be used';

/**
 * The placement with machines left out until there are no more than allowed; where their models can go
 * nowhere else, those are no longer served.
 */
function withinLimits(problem: PlanProblem, from: Placement | undefined): Placement | undefined {
  let placement = from;
  for (let kinds = kindsOverLimit(problem, placement); kinds.length > 0; ) {
    const isTooMany = ({ kind }: { readonly kind: number }) => kinds.includes(kind);
    placement = withOneLess(problem, placement!, isTooMany) ?? withOneGivenUp(problem, placement!, isTooMany);
    kinds = kindsOverLimit(problem, placement);
  }
  return placement;
}

function kindsOverLimit({ machines }: PlanProblem, placement: Placement | undefined): number[] {
  const used = (k: number) => placement?.machines.filter(({ kind }) => kind === k).length ?? 0;
  return machines.flatMap(({ limit }, k) => (used(k) > limit ? [k] : []));
}

export function isOverLimit(problem: PlanProblem, placement: Placement): boolean {
  return kindsOverLimit(problem, placement).length > 0;
}

/** Options that are simulated on each kind of device. */
const OPTIONS_TRIED = 3;
const KINDS_TRIED = 3;

/** The verdicts on a model with as many replicas as allowed, on the kind of device that does best. */
function* bestAlone(dispatcher: JobDispatcher, workload: number): Search<Shortfall[]> {
  const { problem } = dispatcher;
  const { profiles, outsideMs } = problem.workloads[workload]!;
  const replicas = problem.spec.mostReplicas;
  const soonest = (kind: number) => shortestMs(profiles[kind]!) + outsideMs[kind]!;
  const slots = problem.slotKinds
    .map((_, kind) => ({ kind, options: optionsFor(problem, workload, kind) }))
    .filter(({ options }) => options.length > 0)
    .sort((a, b) => soonest(a.kind) - soonest(b.kind))
    .slice(0, KINDS_TRIED)
    .flatMap(({ kind, options }) =>
      options.map((option): Slot => ({ kind, modelReplicas: [{ workload, replicas, option }] })),
    );
  if (slots.length === 0) return tooLarge(problem, workload);
  const answers = yield* dispatcher.ask(
    'verdicts',
    slots.map((slot) => ({ type: 'verdicts', slot })),
  );
  const [best] = answers
    .map((verdicts, i) => ({ verdicts, kind: slots[i]!.kind }))
    .sort((a, b) => compareWorst(a.verdicts, b.verdicts));
  const { name } = problem.slotKinds[best!.kind]!;
  // As many as the search tries, also where fewer machines may be used: not even these do.
  const where = `${replicas} × ${name}, alone on each (mostReplicas allows no more)`;
  return worstViolated(best!.verdicts).map((verdict) =>
    shortfallOf(problem, verdict, { where, kind: best!.kind }),
  );
}

/** Of each tenant whose SLO is violated, its worst day. */
function worstViolated(verdicts: readonly TenantVerdict[]): TenantVerdict[] {
  const worst = new Map<string, TenantVerdict>();
  const violated = verdicts.filter(({ met }) => !met);
  for (const verdict of violated.sort((a, b) => b.margin - a.margin)) worst.set(verdict.tenant, verdict);
  return [...worst.values()];
}

/** SLOs of the tenants of a model that fits on no device. */
function tooLarge(problem: PlanProblem, workload: number): Shortfall[] {
  const { tenants, profiles } = problem.workloads[workload]!;
  const [option] = optionsThatHold(problem, problem.workloads[workload]!).toSorted(
    (a, b) => a.instances - b.instances,
  );
  const [largest] = problem.slotKinds
    .map(({ memoryMb, name }, kind) => ({ kind, memoryMb, name }))
    .filter(({ kind }) => profiles[kind] !== undefined)
    .sort((a, b) => b.memoryMb - a.memoryMb);
  const { kind, memoryMb: largestMb, name: where } = largest!;
  const slot = { kind, modelReplicas: [{ workload, replicas: 1, option: option! }] };
  const memory = { neededMb: neededMb(problem, slot), largestMb };
  return tenants.map((t) => ({ ...shortfallOfUnserved(problem, t, where), memory, networkMs: 0 }));
}

/** The best for the limit as it is, and for what is left of it, which may be nothing; none where the model does not fit. */
function optionsFor(problem: PlanProblem, workload: number, kind: number): ServingOption[] {
  const served = problem.workloads[workload]!;
  const { profiles, ratePerS, limitMs } = served;
  const profile = profiles[kind];
  if (profile === undefined) return [];
  const on = { profile, slot: problem.slotKinds[kind]! };
  const options = optionsThatHold(problem, served).filter((option) =>
    fitsMemory(problem, { kind, modelReplicas: [{ workload, replicas: 1, option }] }),
  );
  const limits = [limitMs, Math.max(executionLimitMs(served, kind), limitMs / 10)];
  const ranked = limits.flatMap((limit) => rankOptions(on, ratePerS, limit, options).slice(0, OPTIONS_TRIED));
  return [...new Set(ranked)];
}

/** By the largest miss: of the requests in time, then of the latency. */
function compareWorst(a: readonly TenantVerdict[], b: readonly TenantVerdict[]): number {
  const margin = (verdicts: readonly TenantVerdict[]) => Math.min(...verdicts.map((one) => one.margin));
  const late = (verdicts: readonly TenantVerdict[]) =>
    Math.max(...verdicts.map(({ latencyMs }) => (Number.isNaN(latencyMs) ? Infinity : latencyMs)));
  return margin(b) - margin(a) || late(a) - late(b) || 0;
}

function shortfallOf(
  problem: PlanProblem,
  { tenant, latencyMs, margin, summary }: TenantVerdict,
  { where, kind }: { readonly where: string; readonly kind?: number },
): Shortfall {
  const { slo, counts } = summary;
  const answered = counts.offered === 0 ? 1 : counts.completed / counts.offered;
  const networkMs = networkOf(problem, tenant, kind);
  const far =
    networkMs > 0 ? `${where}, with ${Number(networkMs.toPrecision(3))} ms of network delay` : where;
  const ofSlo = { ...sloOf(slo), margin: slo === undefined ? answered - 1 : margin };
  return { tenant, ...ofSlo, latencyMs, where: far, networkMs };
}

function sloOf(slo: { readonly percentile: number; readonly limitMs: number } | undefined) {
  return slo === undefined ? {} : { percentile: slo.percentile, limitMs: slo.limitMs };
}

/** None of its requests is in time. */
function shortfallOfUnserved(problem: PlanProblem, t: number, where: string): Shortfall {
  const { name, slo } = problem.spec.tenants[t]!;
  return {
    tenant: name,
    ...sloOf(slo),
    margin: -(slo?.percentile ?? 100) / 100,
    latencyMs: Number.NaN,
    where,
    networkMs: networkOf(problem, name),
  };
}

/** The delays both ways, on the kind of device or on the nearest one. */
function networkOf(
  { spec, workloads, slotKinds, machines }: PlanProblem,
  tenant: string,
  at?: number,
): number {
  const { profiles } = workloads.find(({ tenants }) =>
    tenants.some((t) => spec.tenants[t]!.name === tenant),
  )!;
  const delays = slotKinds.flatMap(({ machine }, kind) => {
    const profile = profiles[kind];
    if (profile === undefined || (at !== undefined && at !== kind)) return [];
    const { network } = machines[machine]!;
    return [networkDelayMs(network, profile)];
  });
  return Math.min(...delays);
}
