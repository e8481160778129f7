import type { Warning } from '../../base/warning.js';
import { batchCount, batchMeans, batchUncertainty, seriesMean } from '../statistics/intervals.js';
import { percentileOf, type TenantSummary } from '../summary.js';
import type { StabilityVerdict } from './stability.js';

/** A tenant's summary, and what it was made of that warnings need. */
export interface JudgedTenant {
  readonly summary: TenantSummary;
  /** Latencies in microseconds, in order of time, of the requests that were planned in the window and completed; or means of equal parts. */
  readonly courseUs: Float64Array;
  /** Requests left out of the attainment because they were neither answered nor late at the end. */
  readonly open: number;
  readonly stability: StabilityVerdict;
}

/** More requests left out of the attainment than this share of the offered ones are worth a word. */
const OPEN_SHARE = 0.01;

/** What a reader must know before trusting the tenant's figures. */
export function warningsOf(tenant: JudgedTenant, endUs: number, fromUs: number): Warning[] {
  const found = [stabilityWarning(tenant), openWarning(tenant), shortRunWarning(tenant)];
  const warmUp = tenant.stability.verdict === 'stable' ? warmUpWarning(tenant, endUs, fromUs) : undefined;
  return [...found, warmUp].filter((warning) => warning !== undefined);
}

function stabilityWarning({ summary, stability }: JudgedTenant): Warning | undefined {
  if (stability.verdict === 'stable') return undefined;
  const consequence =
    stability.verdict === 'overloaded'
      ? 'its latency depends on how long the run is'
      : 'its latency is not settled';
  return {
    code: stability.verdict,
    subject: summary.tenant,
    message: `${summary.tenant} is ${stability.verdict}: ${stability.reason}; ${consequence}.`,
  };
}

function openWarning({ summary, open }: JudgedTenant): Warning | undefined {
  if (summary.slo === undefined || open <= OPEN_SHARE * summary.counts.offered) return undefined;
  return {
    code: 'unserved-at-end',
    subject: summary.tenant,
    message: `${open} of ${summary.counts.offered} requests of ${summary.tenant} were unanswered but not yet late at the end of the run; they are left out of its SLO attainment.`,
  };
}

/** The percentile that matters has no interval. */
function shortRunWarning({ summary }: JudgedTenant): Warning | undefined {
  const percentile = summary.slo?.percentile ?? 99;
  const estimate = percentileOf(summary, percentile)!;
  if (!Number.isNaN(estimate.low)) return undefined;
  const message =
    summary.counts.offered === 0
      ? `no request of ${summary.tenant} was planned between the warm-up and the end of the run.`
      : `${summary.counts.completed} requests of ${summary.tenant} are too few, or too alike in time, for an interval of its p${percentile}.`;
  return { code: 'short-run', subject: summary.tenant, message };
}

function warmUpWarning(tenant: JudgedTenant, endUs: number, fromUs: number): Warning | undefined {
  const cut = remainingTransient(tenant.courseUs);
  if (cut === 0) return undefined;
  const share = cut / tenant.courseUs.length;
  const suggestedS = (fromUs + share * (endUs - fromUs)) / 1e6;
  return {
    code: 'warm-up-uncertain',
    subject: tenant.summary.tenant,
    message: `the latency of ${tenant.summary.tenant} still settles after the warm-up of ${round(fromUs / 1e6)} s; MSER-5 would cut about ${round(suggestedS)} s.`,
  };
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Values averaged into one before the search: the 5 of MSER-5. */
const GROUP = 5;
/** Cuts shorter than this share of the series are ordinary noise of the rule. */
const NOTICEABLE_SHARE = 0.1;
/** Standard errors by which a start must differ from the rest to be called a transient. */
const NOTICEABLE_ERRORS = 4;

export interface WarmUpCut {
  /** Values to leave out at the beginning. */
  readonly cut: number;
  /** The best cut lies in the second half, so the series may never have settled. */
  readonly uncertain: boolean;
}

/**
 * Where to cut a series (in order of time) so that the rest says most about the mean: MSER-5 of White,
 * Cobb & Spratt, "A comparison of five steady-state truncation heuristics" (WSC 2000), after White
 * (1997). It minimises the variance of what remains over the square of its length. Cuts beyond half of
 * the series are not trusted: the cut is then half, marked `uncertain`.
 */
export function mser5(series: Float64Array): WarmUpCut {
  const groups = Math.floor(series.length / GROUP);
  if (groups < 2) return { cut: 0, uncertain: series.length > 0 };
  const best = bestCut(batchMeans(series.subarray(0, groups * GROUP), groups));
  const half = groups >>> 1;
  return { cut: GROUP * Math.min(best, half), uncertain: best > half };
}

/** The last few cuts are left out, where hardly anything remains to have a variance. */
function bestCut(values: readonly number[]): number {
  let best = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let average = 0;
  let squares = 0;
  for (let cut = values.length - 1; cut >= 0; cut--) {
    const remaining = values.length - cut;
    const deviation = values[cut]! - average;
    average += deviation / remaining;
    squares += deviation * (values[cut]! - average);
    const score = squares / remaining ** 2;
    if (remaining > GROUP && score <= lowest) {
      lowest = score;
      best = cut;
    }
  }
  return best;
}

/**
 * Whether a series that should be past its warm-up still begins with a transient: MSER-5 would cut a
 * tenth or more of it, and what it cuts differs from the rest by more than chance. Gives the number of
 * values to cut, or 0.
 */
export function remainingTransient(series: Float64Array): number {
  const { cut } = mser5(series);
  const rest = series.subarray(cut);
  const batches = batchCount(rest.length);
  if (cut < NOTICEABLE_SHARE * series.length || batches === 0) return 0;
  const { standardError } = batchUncertainty(batchMeans(rest, batches));
  // The start is as noisy as a part of that length of the rest.
  const startError = standardError * Math.sqrt(rest.length / cut);
  const step = Math.abs(seriesMean(series.subarray(0, cut)) - seriesMean(rest));
  return step > NOTICEABLE_ERRORS * Math.hypot(standardError, startError) ? cut : 0;
}
