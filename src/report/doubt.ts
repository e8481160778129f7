import type { Estimate, Summary, TenantSummary } from '../metrics/summary.js';
import type { ModelTimeError } from '../scenario/time-errors.js';
import { latencyGrows } from './answer.js';
import type { MeasuredScenario } from './build-report.js';

/**
 * What may be of a run where the times of its profiles are not well known: between the run in which all are as fast, and that
 * in which all are as slow, as their errors allow. The noise of the run is in it.
 */
export interface RunDoubt {
  readonly models: readonly ModelTimeError[];
  readonly tenants: readonly TenantDoubt[];
}

export interface TenantDoubt {
  readonly tenant: string;
  readonly throughputPerS: Range;
  /** Milliseconds; `high` is null where the tenant is not kept up with at its slowest. */
  readonly meanMs: OpenRange;
  readonly percentilesMs: readonly (OpenRange & { readonly percentile: number })[];
  /** Share of the requests within the limit of the SLO, 0..1; only with an SLO. */
  readonly attainment?: Range;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

interface OpenRange {
  readonly low: number;
  readonly high: number | null;
}

/** From the summary of the run itself, and of the same run at both ends. */
export function doubtFrom(
  models: readonly ModelTimeError[],
  usual: Summary,
  { fast, slow }: Readonly<Record<'fast' | 'slow', MeasuredScenario>>,
): RunDoubt {
  const [fastest, slowest] = [fast.figures.summary.tenants, slow.figures.summary.tenants];
  const tenants = usual.tenants.map((tenant, i) => tenantDoubt([tenant, fastest[i]!, slowest[i]!]));
  return { models, tenants };
}

function tenantDoubt(runs: readonly [TenantSummary, TenantSummary, TenantSummary]): TenantDoubt {
  const [usual] = runs;
  const grows = runs.some(latencyGrows);
  const open = (range: Range): OpenRange => (grows ? { ...range, high: null } : range);
  return {
    tenant: usual.tenant,
    throughputPerS: rangeOf(runs.map(({ throughputPerS }) => throughputPerS)),
    meanMs: open(rangeOf(runs.map(({ latencyMs }) => latencyMs.mean))),
    percentilesMs: usual.latencyMs.percentiles.map(({ percentile }, p) => ({
      percentile,
      ...open(rangeOf(runs.map(({ latencyMs }) => latencyMs.percentiles[p]!.ms))),
    })),
    ...(usual.slo !== undefined && { attainment: rangeOf(runs.map(({ slo }) => slo!.attainment)) }),
  };
}

/** From the lowest end of an interval to the highest; the figure itself where a run was too short for an interval. */
export function rangeOf(estimates: readonly Estimate[]): Range {
  const known = estimates.filter(({ value }) => !Number.isNaN(value));
  const end = (bound: number, value: number) => (Number.isNaN(bound) ? value : bound);
  return {
    low: Math.min(...known.map(({ low, value }) => end(low, value))),
    high: Math.max(...known.map(({ high, value }) => end(high, value))),
  };
}
