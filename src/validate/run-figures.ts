import type { ModelStatistics } from '../live/inference-client.js';
import type { LoadRun } from '../live/load-run.js';
import { deriveColumns, rowsByTenant } from '../metrics/columns.js';
import { type MeasuredTenant, measuredTenants } from '../metrics/measured-tenant.js';
import { sortedValues } from '../metrics/quantiles.js';
import { summarize } from '../metrics/summarize.js';
import { percentileOf, type TenantSummary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import type { SimulationResult } from '../simulator/result.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';

/** Everything of one run, live or simulated, that is compared. */
export interface RunFigures {
  readonly tenants: readonly TenantFigures[];
  readonly models: readonly ModelFigures[];
}

export interface TenantFigures {
  readonly tenant: string;
  /** By the names of `TENANT_METRICS`; NaN or missing where the run does not have it. */
  readonly figures: Readonly<Record<string, number>>;
  /** What one request more or less changes, of figures that count whole requests. */
  readonly resolution: Readonly<Record<string, number>>;
  /** Latencies of completed requests after the warm-up, ascending, in milliseconds. */
  readonly latenciesMs: Float64Array;
}

export interface ModelFigures {
  readonly model: string;
  /** By the names of `COMPONENT_METRICS`: means over the requests of the whole run, as the server counts. */
  readonly figures: Readonly<Record<string, number>>;
  /** Executions by their inferences, over the whole run; index 0 is unused. */
  readonly byBatchSize: readonly number[];
}

/** What a run is to be read by: the same for live and simulated ones. */
export interface ValidatedScenario {
  readonly name: string;
  readonly seed: number | string;
  readonly warmUpUs: number;
  readonly tenants: readonly (MeasuredTenant & { readonly model: string })[];
}

export function validatedScenario(scenario: Scenario): ValidatedScenario {
  const measured = measuredTenants(scenario.tenants);
  return {
    name: scenario.name,
    seed: scenario.seed,
    warmUpUs: scenario.warmUpUs,
    tenants: measured.map((tenant, i) => ({ ...tenant, model: scenario.tenants[i]!.model })),
  };
}

/** Figures of a live run: latencies from its log, components and batches from what the server counted meanwhile. */
export function figuresOfLiveRun(run: LoadRun, scenario: ValidatedScenario): RunFigures {
  const models = modelsOf(scenario);
  return {
    tenants: tenantFigures(run.log, scenario),
    models: models.flatMap((model) => {
      const versions = run.statistics.filter((statistics) => statistics.model === model);
      if (versions.length === 0) return [];
      const roundTripMs = sentToEndedMs(run.log, tenantsOf(model, scenario));
      return [modelFiguresOf(model, versions, roundTripMs)];
    }),
  };
}

/** Figures of a simulated run. */
export function figuresOfSimulation(result: SimulationResult, scenario: ValidatedScenario): RunFigures {
  return {
    tenants: tenantFigures(result.log, scenario),
    models: modelsOf(scenario).map((model) => {
      const counts = result.executions.filter((each) => each.model === model);
      const byBatchSize = addCounts(counts.map((each) => each.byBatchSize));
      const figures = loggedComponents(result.log, tenantsOf(model, scenario));
      return { model, figures: { ...figures, meanBatch: meanBatch(byBatchSize) }, byBatchSize };
    }),
  };
}

/** In the order in which tenants name them. */
function modelsOf({ tenants }: ValidatedScenario): readonly string[] {
  return [...new Set(tenants.map(({ model }) => model))];
}

/** Names of the tenants that use a model. */
export function tenantsOf(model: string, { tenants }: ValidatedScenario): readonly string[] {
  return tenants.filter((tenant) => tenant.model === model).map(({ name }) => name);
}

function tenantFigures(log: RequestLog, scenario: ValidatedScenario): readonly TenantFigures[] {
  const { name: scenarioName, seed, warmUpUs, tenants } = scenario;
  const summary = summarize({ scenarioName, seed, warmUpUs, tenants, log });
  const { latencyUs } = deriveColumns(log, tenants);
  const rows = rowsByTenant(log);
  return summary.tenants.map((tenant, index) => {
    const counted = rows[index]!.filter(
      (row) => log.plannedUs[row]! >= warmUpUs && log.plannedUs[row]! <= log.endUs,
    );
    return {
      tenant: tenant.tenant,
      figures: figuresOf(tenant),
      resolution: resolutionOf(tenant, summary.measuredS),
      latenciesMs: sortedValues(Float64Array.from(counted, (row) => latencyUs[row]! / 1000)),
    };
  });
}

function figuresOf(tenant: TenantSummary): Readonly<Record<string, number>> {
  const percentile = (p: number) => percentileOf(tenant, p)?.value ?? Number.NaN;
  const promised =
    tenant.slo === undefined
      ? {}
      : { goodputPerS: tenant.goodputPerS.value, sloAttainment: 100 * tenant.slo.attainment.value };
  return {
    throughputPerS: tenant.throughputPerS.value,
    ...promised,
    meanMs: tenant.latencyMs.mean.value,
    p50Ms: percentile(50),
    p90Ms: percentile(90),
    p95Ms: percentile(95),
    p99Ms: percentile(99),
  };
}

function resolutionOf({ counts, slo }: TenantSummary, measuredS: number): Readonly<Record<string, number>> {
  const perS = 1 / measuredS;
  const promised = slo === undefined ? {} : { goodputPerS: perS, sloAttainment: 100 / counts.offered };
  return { throughputPerS: perS, ...promised };
}

/** Mean milliseconds from sending to the answer, over all completed requests of the tenants. */
function sentToEndedMs(log: RequestLog, tenants: readonly string[]): number {
  let sum = 0;
  let count = 0;
  for (let row = 0; row < log.tenant.length; row++) {
    if (!isCompletedBy(log, row, tenants)) continue;
    sum += log.endedUs[row]! - log.sentUs[row]!;
    count++;
  }
  return sum / count / 1000;
}

function isCompletedBy(log: RequestLog, row: number, tenants: readonly string[]): boolean {
  return log.outcome[row] === Outcome.completed && tenants.includes(log.tenants[log.tenant[row]!]!);
}

/** Triton adds the times of a batch once per request, so its means are over requests, as ours are. */
function modelFiguresOf(
  model: string,
  versions: readonly ModelStatistics[],
  roundTripMs: number,
): ModelFigures {
  const meanMs = (part: 'success' | 'queue' | 'computeInput' | 'computeInfer' | 'computeOutput') => {
    const count = versions.reduce((sum, statistics) => sum + statistics[part].count, 0);
    return versions.reduce((sum, statistics) => sum + statistics[part].ns, 0) / count / 1e6;
  };
  const [requestMs, queueMs] = [meanMs('success'), meanMs('queue')];
  const [inputMs, inferMs] = [meanMs('computeInput'), meanMs('computeInfer')];
  const outputMs = meanMs('computeOutput');
  const byBatchSize = addCounts(
    versions.map(({ batches }) => {
      const counts: number[] = [];
      for (const { batchSize, computeInfer } of batches) counts[batchSize] = computeInfer.count;
      return Array.from(counts, (count) => count ?? 0);
    }),
  );
  return {
    model,
    figures: {
      networkMs: roundTripMs - requestMs,
      queueMs,
      inputMs,
      inferMs,
      outputMs,
      responseMs: requestMs - queueMs - inputMs - inferMs - outputMs,
      meanBatch: meanBatch(byBatchSize),
    },
    byBatchSize,
  };
}

/** The same parts from the log of a simulation. */
function loggedComponents(log: RequestLog, tenants: readonly string[]): Readonly<Record<string, number>> {
  const us = { network: 0, queue: 0, input: 0, infer: 0, output: 0, response: 0 };
  let count = 0;
  for (let row = 0; row < log.tenant.length; row++) {
    if (!isCompletedBy(log, row, tenants)) continue;
    us.network += log.networkUs[row]! + log.frontEndUs[row]!;
    us.queue += log.startedUs[row]! - log.queuedUs[row]!;
    us.input += log.inputUs[row]!;
    us.infer += log.inferUs[row]!;
    us.output += log.outputUs[row]!;
    us.response += log.responseUs[row]!;
    count++;
  }
  return Object.fromEntries(Object.entries(us).map(([part, sum]) => [`${part}Ms`, sum / count / 1000]));
}

/** Sums by batch size, from 0 to the largest that occurs. */
export function addCounts(counts: readonly (readonly number[])[]): readonly number[] {
  const length = counts.reduce((longest, each) => Math.max(longest, each.length), 0);
  return Array.from({ length }, (_, b) => counts.reduce((sum, each) => sum + (each[b] ?? 0), 0));
}

function meanBatch(byBatchSize: readonly number[]): number {
  const executions = byBatchSize.reduce((sum, count) => sum + count, 0);
  return byBatchSize.reduce((sum, count, batchSize) => sum + count * batchSize, 0) / executions;
}
