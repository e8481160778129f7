import { replicationEstimate } from '../../src/metrics/statistics/intervals.js';
import { quantileOfSorted } from '../../src/metrics/statistics/quantiles.js';
import type { Estimate } from '../../src/metrics/summary.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { SetDemand } from './data.js';
import { type ServedSlice, type SliceRouting, slicesScenario } from './scenario.js';

/** How long a trial is: so many requests, and no shorter than so many times the limit. */
export interface TrialLength {
  readonly requests: number;
  readonly limits: number;
}

/** Share of a trial that is cut at its beginning. */
const WARM_UP_SHARE = 0.1;

/** What one simulation says of a model on its slices. */
interface Trial {
  /** Share of the requests answered within the limit. */
  readonly attainment: number;
  /** Infinity when one in a hundred is not answered at all. */
  readonly p99Ms: number;
}

/** Simulates a model on its slices with Poisson arrivals at its rate. */
export function tryModel(
  demand: SetDemand,
  slices: readonly ServedSlice[],
  routing: SliceRouting,
  length: TrialLength,
  seed: number,
): Trial {
  const { ratePerS, limitMs } = demand;
  const durationS = Math.max(length.requests / ratePerS, (length.limits * limitMs) / 1000);
  const run = { seed, durationS, warmUpS: WARM_UP_SHARE * durationS };
  const { log } = simulate(slicesScenario(demand, slices, routing, run));
  const limitUs = limitMs * 1000;
  const latenciesMs = new Float64Array(log.plannedUs.length);
  let settled = 0;
  let late = 0;
  for (let row = 0; row < log.plannedUs.length; row++) {
    const plannedUs = log.plannedUs[row]!;
    if (plannedUs < run.warmUpS * 1e6) continue;
    const latencyUs = log.endedUs[row]! - plannedUs;
    const isOpen = Number.isNaN(latencyUs);
    // What is still open and may yet make it says nothing.
    if (isOpen && plannedUs > log.endUs - limitUs) continue;
    latenciesMs[settled++] = isOpen ? Infinity : latencyUs / 1000;
    if (isOpen || latencyUs > limitUs) late++;
  }
  const sorted = latenciesMs.subarray(0, settled).sort();
  return { attainment: 1 - late / settled, p99Ms: quantileOfSorted(sorted, SLO_SHARE) };
}

/** The share of requests that each model's SLO asks to be in time: p99. */
export const SLO_SHARE = 0.99;

/** What several simulations say of a model of a placement. */
export interface ModelVerdict {
  readonly model: string;
  readonly ratePerS: number;
  readonly limitMs: number;
  readonly routing: SliceRouting;
  /** Mean over the runs, with its 95 % interval by Student's t. */
  readonly attainment: Estimate;
  /** Median over the runs; Infinity when one in a hundred is not answered. */
  readonly p99Ms: number;
  readonly met: boolean;
}

/** Length and seeds of the runs behind a verdict. */
export const VERDICT_LENGTH: TrialLength = { requests: 25_000, limits: 60 };
export const VERDICT_SEEDS = [11, 12, 13, 14, 15] as const;

export function judgeModel(
  demand: SetDemand,
  slices: readonly ServedSlice[],
  routing: SliceRouting,
): ModelVerdict {
  const trials = VERDICT_SEEDS.map((seed) => tryModel(demand, slices, routing, VERDICT_LENGTH, seed));
  const { value, low, high } = replicationEstimate(trials.map(({ attainment }) => attainment));
  const p99s = trials.map(({ p99Ms }) => p99Ms).sort((a, b) => a - b);
  return {
    ...demand,
    routing,
    attainment: { value, low, high: Math.min(1, high) },
    p99Ms: p99s[(p99s.length - 1) / 2]!,
    met: value >= SLO_SHARE,
  };
}
