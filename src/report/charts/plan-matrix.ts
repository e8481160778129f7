import type { ReportedCandidate } from '../plan/plan-report.js';
import type { ChartOptions } from './svg.js';
import { sweepHeatMap } from './sweep-heat-map.js';

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
