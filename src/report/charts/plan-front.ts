import type { PlanReport } from '../plan/plan-report.js';
import type { ChartOptions } from './svg.js';
import { sweepFrontChart } from './sweep-front.js';

/**
 * What the placements of a plan cost, or without prices their GPUs, and which share of the
 * requests under SLOs is within its limit on the worst day and after the worst failure.
 */
export function planFrontChart({ candidates }: PlanReport, options: ChartOptions = {}): string {
  const cost = candidates.some(({ usdPerHour }) => usdPerHour > 0) ? 'usd_per_hour' : 'GPUs';
  const points = candidates.map(
    ({ number, onFront, usdPerHour, gpus, attainment, attainmentAfterFailure = 1 }) => ({
      number,
      onFront,
      values: [],
      tenants: [],
      total: {
        usd_per_hour: usdPerHour,
        GPUs: gpus,
        slo_attainment: Math.min(attainment, attainmentAfterFailure),
      },
    }),
  );
  return sweepFrontChart({ cost, points }, options);
}
