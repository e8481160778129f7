import type { EvaluatedPlacement } from './evaluate.js';
import { holdsRequests } from './hopeless.js';
import { networkDelayMs } from './host-side.js';
import type { SearchJob } from './jobs.js';
import { withOneGivenUp, withOneLess } from './neighbours.js';
import type { Placement, ServingOption } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { leastReplicas } from './replicas.js';
import { executionLimitMs, executionMs, rankOptions } from './screen.js';
import type { Search, SearchResult } from './search.js';
import type { TenantVerdict } from './verdict.js';

/** A promise that cannot be kept. */
export interface Shortfall {
  readonly tenant: string;
  readonly percentile: number;
  readonly limitMs: number;
  /** The best that was seen at that percentile; NaN where too little was answered to say. */
  readonly latencyMs: number;
  /** Share of its requests within the limit less the share promised. */
  readonly margin: number;
  /** Where it was seen. */
  readonly where: string;
  /** Part of the latency that no placement changes: the network both ways. */
  readonly networkMs: number;
}

/** What explains that nothing was found, and the placement that comes nearest. */
export interface Explanation {
  readonly shortfalls: readonly Shortfall[];
  readonly nearest?: { readonly placement: Placement; readonly days: readonly EvaluatedPlacement[] };
}

/**
 * Says which promises are in the way: those of models that no device can serve in time, whatever their
 * number; else those that the best placement within the limits on machines breaks.
 */
export function* explainInfeasible(
  problem: PlanProblem,
  found: Pick<SearchResult, 'unservable' | 'overLimit'>,
): Search<Explanation> {
  if (found.unservable.length > 0) {
    const shortfalls: Shortfall[] = [];
    for (const demand of found.unservable) shortfalls.push(...(yield* bestAlone(problem, demand)));
    return { shortfalls };
  }
  const placement = withinLimits(problem, found.overLimit);
  if (placement === undefined) return { shortfalls: [] };
  const answers = yield problem.days.map((_, day): SearchJob => ({ type: 'evaluate', placement, day }));
  const days = answers.map(({ value }) => value as EvaluatedPlacement);
  const broken = days.flatMap(({ verdicts }) => verdicts.filter(({ kept }) => !kept));
  const worst = new Map<string, TenantVerdict>();
  for (const verdict of broken.sort((a, b) => b.margin - a.margin)) worst.set(verdict.tenant, verdict);
  const missed = [...worst.values()].map((verdict) => shortfallOf(problem, verdict, { where: ANYWHERE }));
  const unserved = [...new Set(days.flatMap((day) => day.unserved))];
  const shortfalls = [...missed, ...unserved.map((t) => shortfallOfUnserved(problem, t))];
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
function* bestAlone(problem: PlanProblem, demand: number): Search<Shortfall[]> {
  const { profiles, outsideMs } = problem.demands[demand]!;
  const kinds = problem.slotKinds.flatMap((_, kind) => (profiles[kind] === undefined ? [] : [kind]));
  const soonest = (kind: number) => executionMs(profiles[kind]!, 1) + outsideMs[kind]!;
  const fastest = kinds.sort((a, b) => soonest(a) - soonest(b)).slice(0, KINDS_TRIED);
  const replicas = Math.max(leastReplicas(problem.spec.survive), problem.spec.mostReplicas);
  const jobs = fastest.flatMap((kind) =>
    optionsFor(problem, demand, kind).map((option): SearchJob & { type: 'verdicts' } => ({
      type: 'verdicts',
      slot: { kind, pieces: [{ demand, replicas, option }] },
    })),
  );
  const answers = yield jobs;
  const [best] = answers
    .map(({ value }, i) => ({ verdicts: value as readonly TenantVerdict[], kind: jobs[i]!.slot.kind }))
    .sort((a, b) => compareWorst(a.verdicts, b.verdicts));
  const { name } = problem.slotKinds[best!.kind]!;
  const where = `${replicas} × ${name}, alone on each`;
  return best!.verdicts
    .filter(({ kept }) => !kept)
    .map((verdict) => shortfallOf(problem, verdict, { where, kind: best!.kind }));
}

/** The best for the limit as it is, and for what is left of it, which may be nothing. */
function optionsFor(
  { demands, options, slotKinds }: PlanProblem,
  demand: number,
  kind: number,
): ServingOption[] {
  const { profiles, ratePerS, limitMs } = demands[demand]!;
  const possible = options.filter((option) => holdsRequests(demands[demand]!, option));
  const on = { profile: profiles[kind]!, slot: slotKinds[kind]! };
  const ranked = [limitMs, Math.max(executionLimitMs(demands[demand]!, kind), limitMs / 10)].flatMap(
    (limit) => rankOptions(on, ratePerS, limit, possible).slice(0, OPTIONS_TRIED),
  );
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
  const { percentile = Number.NaN, limitMs = Number.NaN } = summary.slo ?? {};
  const networkMs = networkOf(problem, tenant, kind);
  const far =
    networkMs > 0 ? `${where}, with ${Number(networkMs.toPrecision(3))} ms of network delay` : where;
  return { tenant, percentile, limitMs, latencyMs, margin, where: far, networkMs };
}

/** None of its requests is in time. */
function shortfallOfUnserved(problem: PlanProblem, t: number): Shortfall {
  const { name, slo } = problem.spec.tenants[t]!;
  const { percentile = Number.NaN, limitMs = Number.NaN } = slo ?? {};
  const margin = slo === undefined ? 0 : -slo.percentile / 100;
  const networkMs = networkOf(problem, name);
  return { tenant: name, percentile, limitMs, latencyMs: Number.NaN, margin, where: ANYWHERE, networkMs };
}

/** The delays both ways, on the kind of device or on the nearest one. */
function networkOf({ spec, demands, slotKinds, machines }: PlanProblem, tenant: string, at?: number): number {
  const { profiles } = demands.find(({ tenants }) => tenants.some((t) => spec.tenants[t]!.name === tenant))!;
  const delays = slotKinds.flatMap(({ machine }, kind) => {
    const profile = profiles[kind];
    if (profile === undefined || (at !== undefined && at !== kind)) return [];
    const { network } = machines[machine]!;
    return [networkDelayMs(network, profile)];
  });
  return Math.min(...delays);
}
