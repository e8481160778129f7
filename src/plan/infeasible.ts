import type { EvaluatedPlacement } from './evaluate.js';
import type { SearchJob } from './jobs.js';
import { withOneLess } from './neighbours.js';
import type { Placement } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { leastReplicas } from './replicas.js';
import { executionMs, rankOptions } from './screen.js';
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
    .map((verdict) => shortfallOf(verdict, 'all machines that may be used'));
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

/** The verdicts on a model with as many replicas as allowed, on the kind of device that does best. */
function* bestAlone(problem: PlanProblem, demand: number): Search<Shortfall[]> {
  const { profiles, ratePerS, limitMs } = problem.demands[demand]!;
  const kinds = problem.slotKinds.flatMap((_, kind) => (profiles[kind] === undefined ? [] : [kind]));
  const fastest = kinds
    .sort((a, b) => executionMs(profiles[a]!, 1) - executionMs(profiles[b]!, 1))
    .slice(0, 3);
  const replicas = Math.max(leastReplicas(problem.spec.survive), problem.spec.mostReplicas);
  const jobs = fastest.map((kind): SearchJob & { type: 'verdicts' } => {
    const [option] = rankOptions(profiles[kind]!, ratePerS, limitMs, problem.options);
    return { type: 'verdicts', slot: { kind, pieces: [{ demand, replicas, option: option! }] } };
  });
  const answers = yield jobs;
  const worstOf = (verdicts: readonly TenantVerdict[]) => Math.min(...verdicts.map(({ margin }) => margin));
  const [best] = answers
    .map(({ value }, i) => ({ verdicts: value as readonly TenantVerdict[], kind: fastest[i]! }))
    .sort((a, b) => worstOf(b.verdicts) - worstOf(a.verdicts));
  const where = `${replicas} × ${problem.slotKinds[best!.kind]!.name}, alone on each`;
  return best!.verdicts.filter(({ kept }) => !kept).map((verdict) => shortfallOf(verdict, where));
}

function shortfallOf({ tenant, latencyMs, margin, summary }: TenantVerdict, where: string): Shortfall {
  const { percentile = Number.NaN, limitMs = Number.NaN } = summary.slo ?? {};
  return { tenant, percentile, limitMs, latencyMs, margin, where };
}
