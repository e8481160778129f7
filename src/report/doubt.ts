import type { Estimate, Summary, TenantSummary } from '../metrics/summary.js';
import type { Doubt } from '../profile/time-error.js';
import type { ModelTimeError } from '../scenario/time-errors.js';
import { latencyGrows } from './answer.js';
import type { MeasuredScenario } from './build-report.js';
import type { RunDoubt, TenantDoubt } from './run-report.js';

/** The same run as fast, and as slow, as something allows. */
export type Ends = Readonly<Record<'fast' | 'slow', MeasuredScenario>>;

export type Range = TenantDoubt['throughputPerS'];
type OpenRange = TenantDoubt['meanMs'];

/** From the summary of the run itself, of the same run at both ends, and at both ends of each reason alone. */
export function doubtFrom(
  models: readonly ModelTimeError[],
  usual: Summary,
  ends: Ends,
  reasons: ReadonlyMap<Doubt, Ends>,
): RunDoubt {
  const tenants = usual.tenants.map((tenant, t): TenantDoubt => {
    const at = ({ fast, slow }: Ends) => [fast, slow].map(({ figures }) => figures.summary.tenants[t]!);
    const alone = [...reasons].map(([doubt, own]) => ({ doubt, ...meansOf([tenant, ...at(own)]) }));
    return {
      ...tenantDoubt([tenant, ...at(ends)]),
      noiseMeanMs: openRange([tenant], ({ latencyMs }) => latencyMs.mean),
      reasons: alone.sort((a, b) => width(b) - width(a)),
    };
  });
  return { models, tenants };
}

function tenantDoubt(runs: readonly TenantSummary[]): Omit<TenantDoubt, 'noiseMeanMs' | 'reasons'> {
  const usual = runs[0]!;
  return {
    tenant: usual.tenant,
    throughputPerS: rangeOf(runs.map(({ throughputPerS }) => throughputPerS)),
    meanMs: openRange(runs, ({ latencyMs }) => latencyMs.mean),
    percentilesMs: usual.latencyMs.percentiles.map(({ percentile }, p) => ({
      percentile,
      ...openRange(runs, ({ latencyMs }) => latencyMs.percentiles[p]!.ms),
    })),
    ...(usual.slo !== undefined && { attainment: rangeOf(runs.map(({ slo }) => slo!.attainment)) }),
  };
}

function meansOf(runs: readonly TenantSummary[]): OpenRange {
  return openRange(runs, ({ latencyMs: { mean } }) => ({ ...mean, low: mean.value, high: mean.value }));
}

/** Without an upper end where the tenant is not kept up with in one of the runs. */
function openRange(runs: readonly TenantSummary[], figure: (run: TenantSummary) => Estimate): OpenRange {
  const range = rangeOf(runs.map(figure));
  return runs.some(latencyGrows) ? { ...range, high: null } : range;
}

/** How many times as long the longest is as the shortest. */
export function width({ low, high }: OpenRange): number {
  return (high ?? Number.POSITIVE_INFINITY) / low;
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
