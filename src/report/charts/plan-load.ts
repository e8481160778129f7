import type { PlanReport, ReportedLoad } from '../plan/plan-report.js';
import type { ChartOptions } from './svg.js';
import { sweepLines } from './sweep-lines.js';

/** A figure of the chosen placement over multiples of the load. */
export function planLoadChart(
  { loads }: PlanReport,
  of: 'attainment' | 'usdPerMillionInferences',
  options: ChartOptions = {},
): string {
  const value = (load: ReportedLoad) => (of === 'attainment' ? load.attainment * 100 : load[of]);
  const matrix = {
    x: loads.map(({ factor }) => factor),
    y: [''],
    means: [loads.map(value)],
    depth: 1,
  };
  const label = of === 'attainment' ? 'requests within their limit, %' : 'USD per million inferences';
  return sweepLines(matrix, { ...options, xLabel: 'times the load planned for', label });
}
