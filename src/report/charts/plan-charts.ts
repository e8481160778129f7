import type { PlanReport, ReportedCandidate, ReportedLoad } from '../plan/plan-report.js';
import type { ChartOptions } from './svg.js';
import { sweepFrontChart } from './sweep-front.js';
import { sweepHeatMap } from './sweep-heat-map.js';
import { sweepLines } from './sweep-lines.js';

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

/** More columns than this are too narrow to see. */
export const MOST_DEVICES = 60;

/** The placement matrix: which model takes which share of which device's time, in percent. */
export function planMatrixChart({ devices }: ReportedCandidate, options: ChartOptions = {}): string {
  const shown = devices.slice(0, MOST_DEVICES);
  const models = [...new Set(shown.flatMap((device) => device.models.map(({ model }) => model)))];
  const means = models.map((name) =>
    shown.map(({ models: served }) => {
      const share = served.find(({ model }) => model === name)?.busyShare;
      return share === undefined ? Number.NaN : share * 100;
    }),
  );
  const matrix = { x: shown.map(({ server }) => server), y: models, means, depth: 1 };
  return sweepHeatMap(matrix, {
    ...options,
    xLabel: 'server',
    yLabel: 'model',
    label: '% of the device’s time',
  });
}

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
