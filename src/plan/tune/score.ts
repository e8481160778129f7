import type { CandidateFigures, CandidateTenantFigures } from './figures.js';

/**
 * What is best.
 * - `throughput`: most inferences per second, all tenants together.
 * - `balanced`: highest geometric mean of the tenants' inferences per second, so that a fast model does
 *   not pay for a slow one: the order in which Model Analyzer ranks several models profiled together.
 * - `goodput`: most requests answered within their SLO's limit per second.
 * - `cost`: lowest cost of machines and SLO penalties per million inferences.
 * - `latency`: lowest geometric mean of the tenants' latencies at their SLO's percentile (p99 without one).
 */
export const OBJECTIVES = ['throughput', 'balanced', 'goodput', 'cost', 'latency'] as const;
export type Objective = (typeof OBJECTIVES)[number];

export const OBJECTIVE_UNITS: Readonly<Record<Objective, string>> = {
  throughput: 'inferences/s',
  balanced: 'inferences/s',
  goodput: 'requests/s',
  cost: 'USD per million inferences',
  latency: 'ms',
};

/** A run (or the mean of several) as it is ranked. */
export interface Score {
  /** By how much attainment falls short of the SLOs, summed over tenants; 0 = every SLO is met. */
  readonly shortfall: number;
  /** The objective in its own unit. */
  readonly value: number;
  /** Geometric mean of the tenants' tail latencies, ms: decides between equal values. */
  readonly tailMs: number;
}

export interface ScoreOptions {
  readonly objective: Objective;
  /**
   * In a short run an SLO counts as met unless it is missed by more than chance explains (two
   * standard errors): what is good must survive the first cuts.
   */
  readonly lenient?: boolean;
}

/** The score of a candidate from its runs under the same seeds as every other's. */
export function scoreOf(runs: readonly CandidateFigures[], options: ScoreOptions): Score {
  return {
    shortfall: shortfallOf(runs, options.lenient === true),
    value: meanOver(runs, (run) => VALUES[options.objective](run)),
    tailMs: meanOver(runs, tailOf),
  };
}

/**
 * Which of two scores is better: negative when `a` is. Values in the same half percent of a logarithmic scale are equal, which is
 * transitive, as an order of many must be.
 */
export function compareScores(a: Score, b: Score, objective: Objective): number {
  if (a.shortfall !== b.shortfall) return a.shortfall - b.shortfall;
  const sign = isLowerBetter(objective) ? 1 : -1;
  const byValue = order(orLast(sign * step(a.value)), orLast(sign * step(b.value)));
  return byValue === 0 ? order(orLast(a.tailMs), orLast(b.tailMs)) : byValue;
}

/**
 * Few candidates, best first: those within half a percent of the best value are equal to it, wherever steps of a scale lie, and
 * their tails decide; after them the others by their values.
 */
export function bestFirst<Entry extends { readonly score: Score }>(
  entries: readonly Entry[],
  objective: Objective,
): Entry[] {
  const sign = isLowerBetter(objective) ? 1 : -1;
  const byTail = (a: Entry, b: Entry) => order(orLast(a.score.tailMs), orLast(b.score.tailMs));
  const byValue = [...entries].sort(
    (a, b) =>
      a.score.shortfall - b.score.shortfall ||
      order(orLast(sign * a.score.value), orLast(sign * b.score.value)) ||
      byTail(a, b),
  );
  const best = byValue[0]?.score;
  const isEqual = ({ score }: Entry) => score.shortfall === best!.shortfall && !differInValue(score, best!);
  return [...byValue.filter(isEqual).sort(byTail), ...byValue.filter((entry) => !isEqual(entry))];
}

/** Whether the two differ in the objective itself, and not only in the latency that decides between equals. */
export function differInValue(a: Score, b: Score): boolean {
  return a.value !== b.value && !(Math.abs(Math.log(a.value / b.value)) <= STEP);
}

export function isLowerBetter(objective: Objective): boolean {
  return objective === 'cost' || objective === 'latency';
}

export function objectiveOf(run: CandidateFigures, objective: Objective): number {
  return VALUES[objective](run);
}

const VALUES: Readonly<Record<Objective, (run: CandidateFigures) => number>> = {
  throughput: inferencesPerS,
  balanced: (run) => geometricMean(run.tenants.map((tenant) => tenant.inferencesPerS)),
  goodput: (run) => run.tenants.reduce((sum, tenant) => sum + tenant.goodputPerS, 0),
  cost: (run) => ((run.usdPerHour + run.penaltyUsdPerHour) * 1e6) / (3600 * inferencesPerS(run)),
  latency: tailOf,
};

function inferencesPerS(run: CandidateFigures): number {
  return run.tenants.reduce((sum, tenant) => sum + tenant.inferencesPerS, 0);
}

/** Infinite when a tenant completed nothing. */
export function tailOf(run: CandidateFigures): number {
  return geometricMean(run.tenants.map(({ tailMs }) => orLast(tailMs)));
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function shortfallOf(runs: readonly CandidateFigures[], lenient: boolean): number {
  const tenants = runs[0]?.tenants ?? [];
  return tenants.reduce(
    (sum, _, t) =>
      sum +
      tenantShortfall(
        runs.map((run) => run.tenants[t]!),
        lenient,
      ),
    0,
  );
}

function tenantShortfall(runs: readonly CandidateTenantFigures[], lenient: boolean): number {
  const targetShare = runs[0]!.targetShare;
  if (targetShare === undefined) return 0;
  // Without a settled request no SLO was violated.
  const attained = runs.map((run) => run.attainment ?? Number.NaN).filter((share) => !Number.isNaN(share));
  if (attained.length === 0) return 0;
  const missed = targetShare - attained.reduce((sum, share) => sum + share, 0) / attained.length;
  const requests = runs.reduce((sum, run) => sum + run.completed, 0);
  const chance = lenient ? 2 * Math.sqrt((targetShare * (1 - targetShare)) / Math.max(1, requests)) : 0;
  return missed > chance ? missed : 0;
}

function meanOver(runs: readonly CandidateFigures[], figure: (run: CandidateFigures) => number): number {
  return runs.reduce((sum, run) => sum + figure(run), 0) / runs.length;
}

/** Also where both are infinite. */
function order(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Half a percent on a logarithmic scale, so that being equal is transitive. */
const STEP = 0.005;

function step(value: number): number {
  return value <= 0 ? Number.NEGATIVE_INFINITY : Math.round(Math.log(value) / STEP);
}

/** What cannot be told ranks last. */
function orLast(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
