import { grouped } from '../base/grouped.js';
import type { Warning } from '../base/warning.js';
import { NO_COMPLETIONS } from '../metrics/figures/completions.js';
import { latencyOf, rankedLatency } from '../metrics/figures/latency-summary.js';
import { mergedLatencies } from '../metrics/figures/merged-latencies.js';
import { lengthS } from '../metrics/figures/rates.js';
import type { TenantFigures } from '../metrics/figures/tenant-figures.js';
import { totalFigures } from '../metrics/figures/total-figures.js';
import { CountedLatencies } from '../metrics/statistics/counted-latencies.js';
import { Scratch } from '../metrics/statistics/scratch.js';
import { type SummaryWithLatencies, summarizeModel } from '../metrics/summarize.js';
import type { LatencySummary, ModelSummary, Summary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import { type ModelExecutions, runWarnings } from '../simulator/outcome/run-warnings.js';
import type { Component } from '../simulator/partition.js';
import { type ComponentFigures, windowOf } from './component-figures.js';
import { MOST_KEPT } from './counted-component.js';
import { deviceFigures, hostFigures } from './device-figures.js';
import { orderedLatencies, type RecentOrders } from './planned-order.js';

/** The summary of a run, and what was made of it besides; latencies are empty where they are not kept. */
export interface RunFigures extends SummaryWithLatencies {
  /** Share of the requests within the limit, over all tenants with an SLO. */
  readonly attainment: number;
}

/** A component of the scenario, and the figures of one like it. */
export interface PlacedFigures {
  readonly component: Component;
  readonly figures: ComponentFigures;
}

export interface RunFiguresOptions {
  /** Cleared before it is used. */
  readonly scratch?: Scratch;
  /** What points of a sweep with the same arrivals have in common; the latencies of all then lie in `scratch`. Default: nothing. */
  readonly orders?: RecentOrders;
  /** False: each tenant's latencies are given up as soon as those of all are there, which takes less memory. Default: true. */
  readonly keepsLatencies?: boolean;
}

/**
 * Puts the components of a scenario together: the figures that `summarize` gives for the whole run.
 * Where the components do not tell where requests spent their time, less that, models and time lines of devices, and
 * of the warnings those about latencies.
 */
export function runFigures(
  scenario: Scenario,
  components: readonly PlacedFigures[],
  { scratch = new Scratch(), orders, keepsLatencies = true }: RunFiguresOptions = {},
): RunFigures {
  scratch.clear();
  const figures: TenantFigures[] = [];
  for (const { component, figures: own } of components) {
    for (const [i, tenant] of component.tenants.entries()) figures[tenant] = own.tenants[i]!;
  }
  const window = windowOf(scenario);
  const underSlo = figures.filter(({ summary }) => summary.slo !== undefined);
  const isWhole = figures.every(({ stages }) => stages !== undefined);
  const devices = deviceFigures(scenario, components, isWhole);
  const executions = executionsOf(scenario, components);
  const lists = figures.map(({ completions }) => completions);
  const isShared = orders !== undefined && lists.length > 1;
  const totalLatenciesUs = isShared ? orderedLatencies(lists, orders, scratch) : mergedLatencies(lists);
  if (!keepsLatencies) for (const tenant of figures) tenant.completions = NO_COMPLETIONS;
  const summary: Summary = {
    scenario: scenario.name,
    seed: String(scenario.seed),
    runs: 1,
    measuredS: lengthS(window),
    warmUpS: window.fromUs / 1e6,
    tenants: figures.map((tenant) => tenant.summary),
    total: totalFigures(figures, () => totalLatency(components, totalLatenciesUs, scratch), window),
    devices,
    hosts: hostFigures(scenario, components),
    models: isWhole ? modelsOf(scenario, executions) : [],
    warnings: [
      ...runWarnings(scenario, executions, devices),
      ...figures.flatMap(({ warnings }) => warnings),
      ...countWarnings(scenario, components),
    ],
  };
  return {
    summary,
    attainment: sumOf(underSlo, 'met') / sumOf(underSlo, 'settled'),
    tenantLatenciesUs: figures.map(({ completions }) => completions.latencyUs),
    totalLatenciesUs,
    series: figures.flatMap(({ series }) => series ?? []),
  };
}

function countWarnings({ name }: Scenario, components: readonly PlacedFigures[]): Warning[] {
  if (components[0]?.figures.counted === undefined) return [];
  const message = `${name}: latencies of a run of more than ${grouped(MOST_KEPT)} requests are counted by their size, not kept: percentiles are within 0.1 %`;
  return [{ code: 'counted-latencies', subject: name, message }];
}

/** Of all tenants together: counted where those of every component are. */
function totalLatency(
  components: readonly PlacedFigures[],
  latenciesUs: Float64Array,
  scratch: Scratch,
): LatencySummary {
  const [first, ...others] = components.map(({ figures }) => figures.counted);
  if (first === undefined) return latencyOf(latenciesUs, scratch);
  const all = new CountedLatencies(first);
  for (const other of others) all.merge(new CountedLatencies(other));
  return rankedLatency(all, all.figures());
}

/** Of every model of every server; of one that no tenant sends to there are none. */
function executionsOf({ servers }: Scenario, components: readonly PlacedFigures[]): ModelExecutions[] {
  const found = servers.map(({ models }) => models.map((): ModelExecutions => ({ byBatchSize: [] })));
  for (const { component, figures } of components) {
    for (const [i, { server, model }] of component.served.entries())
      found[server]![model] = { byBatchSize: figures.byBatchSize[i]!, ...figures.counts[i]! };
  }
  return found.flat();
}

function modelsOf({ servers }: Scenario, executions: readonly ModelExecutions[]): ModelSummary[] {
  const inOrder = executions.values();
  return servers.flatMap(({ name, models }) =>
    models.map(({ config }) => {
      const { byBatchSize, ...counts } = inOrder.next().value!;
      return summarizeModel({
        server: name,
        model: config.name,
        byBatchSize: Array.from(byBatchSize),
        ...counts,
      });
    }),
  );
}

function sumOf(figures: readonly TenantFigures[], key: 'met' | 'settled'): number {
  return figures.reduce((sum, one) => sum + one[key], 0);
}
