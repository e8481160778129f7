import type { PlanReport } from '../plan-report.js';
import type { ChartOptions } from './svg.js';
import { sweepFrontChart } from './sweep-front.js';

/** What the placements of a plan cost, and which share of the promised requests they keep on the worst day. */
export function planFrontChart({ name, candidates }: PlanReport, options: ChartOptions = {}): string {
  const points = candidates.map(({ number, onFront, usdPerHour, attainment }) => ({
    number,
    onFront,
    values: [],
    tenants: [],
    total: { usd_per_hour: usdPerHour, slo_attainment: attainment },
  }));
  return sweepFrontChart({ name, axes: [], cost: 'usd_per_hour', points }, options);
}
