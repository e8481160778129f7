import type { TenantSummary } from '../../metrics/summary.js';
import type { Headroom } from '../run-report.js';
import type { ChartOptions } from './svg.js';
import { sweepLines } from './sweep-lines.js';

/** The tail of each tenant over the load, with its interval as a band and its SLO as a line. */
export function headroomChart(
  { points }: Headroom,
  tenants: readonly TenantSummary[],
  options: ChartOptions = {},
): string {
  const unknown = { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const estimates = tenants.map(({ tenant }) =>
    points.map(({ tenants: loaded }) => loaded.find((one) => one.tenant === tenant)?.ms ?? unknown),
  );
  const matrix = {
    x: points.map(({ factor }) => factor),
    y: tenants.map(({ tenant }) => tenant),
    means: estimates.map((line) => line.map(({ value }) => value)),
    depth: 1,
  };
  return sweepLines(matrix, {
    ...options,
    xLabel: 'times this load',
    label: 'tail latency, ms',
    lineLabel: '',
    bands: estimates,
    limits: tenants.map(({ slo }) => slo?.limitMs ?? Number.NaN),
  });
}
