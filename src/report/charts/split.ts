import type { Split, TenantSummary } from '../../metrics/summary.js';
import { latencyGrows } from '../answer.js';
import { formatNumber } from '../format.js';
import { STAGES, usedStages } from '../tables/tenant-tables.js';
import { MAX_ROWS } from './highlight.js';
import { percentTick } from './scales.js';
import { stackedBars } from './stacked-bars.js';
import type { ChartOptions } from './svg.js';
import { type ChartTheme, paperTheme } from './theme.js';

/** Where a mean request of each tenant spends its time, as shares of its latency, the mean latency behind. */
export function splitChart(tenants: readonly TenantSummary[], options: ChartOptions = {}): string {
  const { theme = paperTheme } = options;
  const shown = tenants.slice(0, MAX_ROWS);
  const stages = usedStages(shown);
  const bars = shown.map((tenant) => {
    const total = STAGES.reduce((sum, { key }) => sum + positive(tenant.splitMs[key]), 0);
    return {
      name: tenant.tenant,
      values: stages.map(({ key }) => (total > 0 ? positive(tenant.splitMs[key]) / total : 0)),
      label: latencyGrows(tenant) ? tenant.stability : `${formatNumber(tenant.latencyMs.mean.value)} ms`,
    };
  });
  return stackedBars(bars, {
    ...options,
    description: 'Split of the mean latency by stage, by tenant',
    label: 'share of the mean latency',
    parts: stages.map(({ key, name }) => ({ name, colour: stageColours(theme)[key] })),
    domain: [0, 1],
    tickFormat: percentTick,
  });
}

/** Waiting in warm colours, work on the device in cool ones, transport in grey. */
function stageColours({ series, ink, muted }: ChartTheme): Record<keyof Split, string> {
  const [blue, vermillion, green, purple, orange, sky] = series as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    client: ink,
    network: muted,
    frontEnd: orange,
    queue: vermillion,
    input: sky,
    infer: blue,
    output: green,
    response: purple,
  };
}

/** Zero for a figure that takes no room in a bar. */
export function positive(value: number): number {
  return value > 0 && Number.isFinite(value) ? value : 0;
}
