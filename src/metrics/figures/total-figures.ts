import { addCounts } from '../combine.js';
import { type LatencySummary, PERCENTILES, type Stability, type TenantSummary } from '../summary.js';
import { lengthS, ratesOf, type Window } from './rates.js';
import { isWorse } from './stability.js';
import { addStages, stageMeans } from './stages.js';
import type { TenantFigures } from './tenant-figures.js';

/** Name of the summary over all tenants. */
export const TOTAL = 'total';

/**
 * The summary over all tenants.
 * @param latencyMs tells that of all of them, where there are several
 */
export function totalFigures(
  figures: readonly TenantFigures[],
  latencyMs: () => LatencySummary,
  window: Window,
): TenantSummary {
  if (figures.length === 1) return asTotal(figures[0]!.summary);
  const counts = addCounts(figures.map(({ summary }) => summary.counts));
  return {
    tenant: TOTAL,
    counts,
    offeredPerS: counts.offered / lengthS(window),
    ...ratesOf(
      figures.map(({ slices }) => slices),
      window,
    ),
    latencyMs: latencyMs(),
    ...stageMeans(addStages(figures.map(({ stages }) => stages))),
    stability: worst(figures.map(({ summary }) => summary.stability)),
  };
}

/** The only tenant's summary as that of all; its SLO is its own, and so are the steps of its requests. */
function asTotal({ slo: _, steps: _ofOne, ...summary }: TenantSummary): TenantSummary {
  const { latencyMs } = summary;
  const percentiles = latencyMs.percentiles.slice(0, PERCENTILES.length);
  return { ...summary, tenant: TOTAL, latencyMs: { ...latencyMs, percentiles } };
}

function worst(verdicts: readonly Stability[]): Stability {
  return verdicts.reduce((worst, each) => (isWorse(each, worst) ? each : worst), 'stable');
}
