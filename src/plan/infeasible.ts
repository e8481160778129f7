import type { EvaluatedPlacement } from './evaluate.js';
import { networkDelayMs } from './host-side.js';
import type { SearchJob } from './jobs.js';
import { withOneLess } from './neighbours.js';
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
  const shortfalls = [...worst.values()]
    .sort((a, b) => a.margin - b.margin)
    .map((verdict) => shortfallOf(problem, verdict, { where: 'all machines that may be used' }));
  return { shortfalls, nearest: { placement, days } };
}

/** The placement with machines left out until there are no more than allowed. */
function withinLimits(problem: PlanProblem, from: Placement | undefined): Placement | undefined {
  let placement = from;
  while (placement !== undefined && isOverLimit(problem, placement))
    placement = withOneLess(problem, placement);
  return placement;
}

export function isOverLimit({ machines }: PlanProblem, placement: Placement): boolean {
  return machines.some(({ limit }, k) => placement.machines.filter(({ kind }) => kind === k).length > limit);
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
  const on = { profile: profiles[kind]!, slot: slotKinds[kind]! };
  const ranked = [limitMs, Math.max(executionLimitMs(demands[demand]!, kind), limitMs / 10)].flatMap(
    (limit) => rankOptions(on, ratePerS, limit, options).slice(0, OPTIONS_TRIED),
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
