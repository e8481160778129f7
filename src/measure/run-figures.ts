import { PARTS } from '../metrics/split.js';
import { isWorse } from '../metrics/stability.js';
import { summarizeModel, TOTAL } from '../metrics/summarize.js';
import {
  type ModelSummary,
  PERCENTILES,
  type Stability,
  type Summary,
  type TenantSummary,
} from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import { type ModelExecutions, runWarnings } from '../simulator/outcome/run-warnings.js';
import type { Component } from '../simulator/partition.js';
import { type ComponentFigures, windowOf } from './component-figures.js';
import { deviceFigures, hostFigures } from './device-figures.js';
import { mergedLatencies } from './merged-latencies.js';
import { orderedLatencies, type RecentOrders } from './planned-order.js';
import { Scratch } from './scratch.js';
import {
  addSlices,
  latencyOf,
  NO_COMPLETIONS,
  ratesOf,
  type StageSums,
  stageMeans,
  type TenantFigures,
} from './tenant-figures.js';
import type { TenantSeries } from './tenant-series.js';

/** The summary of a run, and what was made of it besides. */
export interface RunFigures {
  readonly summary: Summary;
  /** Share of the requests within the limit, over all tenants with an SLO. */
  readonly attainment: number;
  /** Latencies in microseconds behind the percentiles, of each tenant and of all; empty where they are not kept. */
  readonly tenantLatenciesUs: readonly Float64Array[];
  readonly totalLatenciesUs: Float64Array;
  /** What charts are drawn from, of each tenant; empty where none will be. */
  readonly series: readonly TenantSeries[];
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
    measuredS: (window.endUs - window.fromUs) / 1e6,
    warmUpS: window.fromUs / 1e6,
    tenants: figures.map((tenant) => tenant.summary),
    total: totalOf(scenario, figures, totalLatenciesUs, scratch),
    devices,
    hosts: hostFigures(scenario, components),
    models: isWhole ? modelsOf(scenario, executions) : [],
    warnings: [...runWarnings(scenario, executions, devices), ...figures.flatMap(({ warnings }) => warnings)],
  };
  return {
    summary,
    attainment: sumOf(underSlo, 'met') / sumOf(underSlo, 'settled'),
    tenantLatenciesUs: figures.map(({ completions }) => completions.latencyUs),
    totalLatenciesUs,
    series: figures.flatMap(({ series }) => series ?? []),
  };
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

function totalOf(
  scenario: Scenario,
  figures: readonly TenantFigures[],
  latenciesUs: Float64Array,
  scratch: Scratch,
): TenantSummary {
  const [first] = figures;
  if (figures.length === 1) return asTotal(first!.summary);
  const window = windowOf(scenario);
  const slices = addSlices(figures.map((tenant) => tenant.slices));
  const counts = addCounts(figures.map(({ summary }) => summary.counts));
  return {
    tenant: TOTAL,
    counts,
    offeredPerS: counts.offered / ((window.endUs - window.fromUs) / 1e6),
    ...ratesOf(slices, window),
    latencyMs: latencyOf(latenciesUs, scratch),
    ...stageMeans(addStages(figures), counts.completed),
    stability: worst(figures.map(({ summary }) => summary.stability)),
  };
}

/** The only tenant's summary as that of all; its SLO is its own. */
function asTotal({ slo: _, steps: _ofOne, ...summary }: TenantSummary): TenantSummary {
  const { latencyMs } = summary;
  const percentiles = latencyMs.percentiles.slice(0, PERCENTILES.length);
  return { ...summary, tenant: TOTAL, latencyMs: { ...latencyMs, percentiles } };
}

function addStages(figures: readonly TenantFigures[]): StageSums | undefined {
  const partsUs = new Float64Array(PARTS.length);
  let executedBatch = 0;
  for (const { stages } of figures) {
    if (stages === undefined) return undefined;
    for (let part = 0; part < partsUs.length; part++) partsUs[part]! += stages.partsUs[part]!;
    executedBatch += stages.executedBatch;
  }
  return { partsUs, executedBatch };
}

function worst(verdicts: readonly Stability[]): Stability {
  return verdicts.reduce((worst, each) => (isWorse(each, worst) ? each : worst), 'stable');
}

function addCounts(parts: readonly TenantSummary['counts'][]): TenantSummary['counts'] {
  const sum = (key: keyof TenantSummary['counts']) => parts.reduce((total, part) => total + part[key], 0);
  return {
    offered: sum('offered'),
    completed: sum('completed'),
    rejected: sum('rejected'),
    timedOut: sum('timedOut'),
    failed: sum('failed'),
    inFlightAtEnd: sum('inFlightAtEnd'),
  };
}
