import { mean } from 'simple-statistics';
import { countBefore } from '../base/count-before.js';
import { LATENCY_PARTS, type LatencyErrors } from '../profile/profile.js';
import type { Metric } from './metric.js';
import type { TenantToCompare } from './run-figures.js';

export interface PredictedTenant {
  readonly runs: readonly TenantToCompare[];
  /** How far the tenant's profile was off where it was fitted. */
  readonly errors: LatencyErrors;
  /** Limit of its SLO. */
  readonly limitMs?: number;
}

/**
 * What the errors of a profile where it was fitted move a predicted figure by, in the figure's unit: a latency by
 * that part of it; what is counted within a limit by what lies between latencies that are so much shorter and longer,
 * half of it on either side. 0 for other figures.
 */
export function profileError(
  { runs, errors, limitMs }: PredictedTenant,
  { name }: Metric,
  value: number,
): number {
  const percent = percentOf(errors, name);
  if (percent !== undefined) return (value * percent) / 100;
  if (limitMs === undefined) return 0;
  const share = mean(runs.map(({ latenciesMs }) => shareAround(latenciesMs, limitMs, errors.p95 / 100)));
  if (name === 'sloAttainment') return 100 * share;
  if (name !== 'goodputPerS') return 0;
  return share * mean(runs.map(({ figures }) => figures['throughputPerS']!));
}

/** The same for the mean of a part of the latency, such as `queueMs`; 0 for what is no such part, or of unknown error. */
export function partError({ parts }: LatencyErrors, { name }: Metric, value: number): number {
  const part = LATENCY_PARTS.find((each) => `${each}Ms` === name);
  return part === undefined || parts === undefined ? 0 : (value * parts[part]) / 100;
}

function percentOf(errors: LatencyErrors, metric: string): number | undefined {
  const byMetric: Readonly<Record<string, number>> = {
    meanMs: errors.mean,
    p50Ms: errors.p50,
    p90Ms: errors.p95,
    p95Ms: errors.p95,
    p99Ms: errors.p99,
  };
  return byMetric[metric];
}

/** Half the share of the latencies that lie within that part of the limit from it. */
function shareAround(sortedMs: Float64Array, limitMs: number, part: number): number {
  if (sortedMs.length === 0) return 0;
  const within = (ms: number) => countBefore(sortedMs, ms);
  return (within(limitMs * (1 + part)) - within(limitMs * (1 - part))) / (2 * sortedMs.length);
}
