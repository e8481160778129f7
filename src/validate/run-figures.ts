import type { ModelStatistics, StatisticDuration } from '../live/inference-client.js';
import { countedPartsMs } from '../live/latency-parts.js';
import type { LoadRun } from '../live/load-run.js';
import { loggedPartsMs } from '../metrics/latency-parts.js';
import { type MeasuredTenant, measuredTenants } from '../metrics/measured-tenant.js';
import { summarizeWithLatencies } from '../metrics/summarize.js';
import { percentileOf, type TenantSummary } from '../metrics/summary.js';
import type { LatencyPart } from '../profile/profile.js';
import { calledModels, withCalled } from '../scenario/composition.js';
import type { Scenario } from '../scenario/scenario.js';
import type { SimulationResult } from '../simulator/result.js';
import { completedRows, Outcome, type RequestLog } from '../trace/request-log.js';

/** Everything of one run, live or simulated, that is compared. */
export interface RunToCompare {
  readonly tenants: readonly TenantToCompare[];
  readonly models: readonly ModelToCompare[];
}

export interface TenantToCompare {
  readonly tenant: string;
  /** By the names of `TENANT_METRICS`; NaN or missing where the run does not have it. */
  readonly figures: Readonly<Record<string, number>>;
  /** What one request more or less changes, of figures that count whole requests. */
  readonly resolution: Readonly<Record<string, number>>;
  /** Latencies of completed requests after the warm-up, ascending, in milliseconds. */
  readonly latenciesMs: Float64Array;
}

export interface ModelToCompare {
  readonly model: string;
  /** By the names of `COMPONENT_METRICS`: means over the requests of the whole run, as the server counts. */
  readonly figures: Readonly<Record<string, number>>;
  /** Executions by their inferences, over the whole run; index 0 is unused. */
  readonly byBatchSize: readonly number[];
  /** Milliseconds of their inference phases, all of one size together. */
  readonly inferMsByBatchSize: readonly number[];
}

/** What a run is to be read by: the same for live and simulated ones. */
export interface ValidatedScenario {
  readonly name: string;
  readonly seed: number | string;
  readonly warmUpUs: number;
  readonly tenants: readonly (MeasuredTenant & { readonly model: string })[];
  /** Models that others call; tenants may ask them too. Absent: none. */
  readonly steps?: readonly string[];
  /** Models that execute nothing themselves: their steps tell where the time goes. Absent: none. */
  readonly ensembles?: readonly string[];
}

/** Tenants that were measured, with the model of each. */
export function validatedScenario(scenario: Scenario): ValidatedScenario {
  const measured = measuredTenants(scenario.tenants);
  return {
    name: scenario.name,
    seed: scenario.seed,
    warmUpUs: scenario.warmUpUs,
    tenants: measured.map((tenant, i) => ({ ...tenant, model: scenario.tenants[i]!.model })),
    ...composedModels(scenario),
  };
}

function composedModels({ servers, tenants }: Scenario): Pick<ValidatedScenario, 'steps' | 'ensembles'> {
  const targets = tenants.flatMap((tenant) => tenant.targets);
  const reached = servers.flatMap(({ models }, s) => {
    const asked = targets.filter(({ server }) => server === s).map(({ model }) => model);
    return withCalled(models, asked).map((index) => ({ models, model: models[index]! }));
  });
  const steps = reached.flatMap(({ models, model }) =>
    calledModels(model).map((index) => models[index]!.config.name),
  );
  const ensembles = reached.filter(({ model }) => model.ensemble !== undefined);
  return { steps: [...new Set(steps)], ensembles: ensembles.map(({ model }) => model.config.name) };
}

/** Figures of a live run: latencies from its log, components and batches from what the server counted meanwhile. */
export function figuresOfLiveRun(run: LoadRun, scenario: ValidatedScenario): RunToCompare {
  return {
    tenants: tenantFigures(run.log, scenario),
    models: modelsOf(scenario).flatMap((model) => {
      const versions = run.statistics.filter((statistics) => statistics.model === model);
      if (versions.length === 0) return [];
      // Of the answers that the server counted, those of the drain with them.
      const roundTripMs = sentToEndedMs({ ...run.log, ...run.answers }, tenantsOf(model, scenario));
      const sum = (count: (of: ModelStatistics) => number) =>
        versions.reduce((total, each) => total + count(each), 0);
      const calls = sum(({ success }) => success.count);
      const hits = versions.some(({ cache }) => cache)
        ? sum(({ cache }) => cache?.hits.count ?? 0)
        : undefined;
      return [withCounts(modelFiguresOf(model, versions, roundTripMs), { calls, hits }, run.log, scenario)];
    }),
  };
}

/** Figures of a simulated run. */
export function figuresOfSimulation(result: SimulationResult, scenario: ValidatedScenario): RunToCompare {
  return {
    tenants: tenantFigures(result.log, scenario),
    models: modelsOf(scenario).map((model) => {
      const counts = result.executions.filter((each) => each.model === model);
      const byBatchSize = addCounts(counts.map((each) => each.byBatchSize));
      const calls = completedCalls(result.log, model);
      const figures = componentsOf(loggedPartsMs(result.log, calls));
      const simulated = {
        model,
        figures: { ...figures, meanBatch: meanBatch(byBatchSize) },
        byBatchSize,
        inferMsByBatchSize: loggedInferMs(result.log, calls, byBatchSize),
      };
      const usesCache = counts.some(({ cache }) => cache);
      const hits = usesCache ? counts.reduce((sum, { cache }) => sum + (cache?.hits ?? 0), 0) : undefined;
      return withCounts(simulated, { calls: calls.length, hits }, result.log, scenario);
    }),
  };
}

/** The models that tenants use, in the order in which they name them, and those that these call. */
export function modelsOf({
  tenants,
  steps = [],
}: Pick<ValidatedScenario, 'steps'> & NamedModels): readonly string[] {
  return [...new Set([...tenants.map(({ model }) => model), ...steps])];
}

interface NamedModels {
  readonly tenants: readonly { readonly model: string }[];
}

/**
 * With how often a step was called, of which no client sees the way to it; and how many requests a cache answered. Of an ensemble
 * only the way to it is left: Triton adds up the times of its steps, however many work at once.
 */
function withCounts(
  { figures, ...model }: ModelToCompare,
  { calls, hits }: { readonly calls: number; readonly hits: number | undefined },
  { endUs }: RequestLog,
  { steps = [], ensembles = [] }: ValidatedScenario,
): ModelToCompare {
  const { networkMs, ...own } = figures;
  const isStep = steps.includes(model.model);
  return {
    ...model,
    figures: {
      ...(ensembles.includes(model.model) ? {} : own),
      ...(isStep ? { callsPerS: calls / (endUs / 1e6) } : { networkMs: networkMs! }),
      ...(hits !== undefined && { cacheHitShare: (100 * hits) / calls }),
    },
  };
}

/** Names of the tenants that use a model. */
function tenantsOf(model: string, { tenants }: ValidatedScenario): readonly string[] {
  return tenants.filter((tenant) => tenant.model === model).map(({ name }) => name);
}

function tenantFigures(log: RequestLog, scenario: ValidatedScenario): readonly TenantToCompare[] {
  const { name: scenarioName, seed, warmUpUs, tenants } = scenario;
  const run = { scenarioName, seed, warmUpUs, tenants, log };
  const { summary, tenantLatenciesUs } = summarizeWithLatencies(run);
  return summary.tenants.map((tenant, index) => ({
    tenant: tenant.tenant,
    figures: figuresOf(tenant),
    resolution: resolutionOf(tenant, summary.measuredS),
    latenciesMs: tenantLatenciesUs[index]!.map((us) => us / 1000).sort(),
  }));
}

function figuresOf(tenant: TenantSummary): Readonly<Record<string, number>> {
  const percentile = (p: number) => percentileOf(tenant, p)?.value ?? Number.NaN;
  const underSlo =
    tenant.slo === undefined
      ? {}
      : { goodputPerS: tenant.goodputPerS.value, sloAttainment: 100 * tenant.slo.attainment.value };
  return {
    throughputPerS: tenant.throughputPerS.value,
    ...underSlo,
    meanMs: tenant.latencyMs.mean.value,
    p50Ms: percentile(50),
    p90Ms: percentile(90),
    p95Ms: percentile(95),
    p99Ms: percentile(99),
  };
}

function resolutionOf({ counts, slo }: TenantSummary, measuredS: number): Readonly<Record<string, number>> {
  const perS = 1 / measuredS;
  const underSlo = slo === undefined ? {} : { goodputPerS: perS, sloAttainment: 100 / counts.offered };
  return { throughputPerS: perS, ...underSlo };
}

/** Mean milliseconds from sending to the answer, over all completed requests of the tenants. */
function sentToEndedMs(log: RequestLog, tenants: readonly string[]): number {
  const rows = completedRows(log).filter((row) => tenants.includes(log.tenants[log.tenant[row]!]!));
  return rows.reduce((sum, row) => sum + (log.endedUs[row]! - log.sentUs[row]!), 0) / rows.length / 1000;
}

/** Calls of a model that gave a result. */
function completedCalls({ calls }: RequestLog, model: string): number[] {
  const wanted = calls.models.map(({ name }) => name === model);
  const found: number[] = [];
  for (let call = 0; call < calls.model.length; call++) {
    if (calls.outcome[call] === Outcome.completed && wanted[calls.model[call]!]) found.push(call);
  }
  return found;
}

function modelFiguresOf(
  model: string,
  versions: readonly ModelStatistics[],
  roundTripMs: number,
): ModelToCompare {
  const bySize = (figure: (infer: StatisticDuration) => number) =>
    addCounts(
      versions.map(({ batches }) => {
        const sums: number[] = [];
        for (const { batchSize, computeInfer } of batches) sums[batchSize] = figure(computeInfer);
        return Array.from(sums, (sum) => sum ?? 0);
      }),
    );
  const byBatchSize = bySize(({ count }) => count);
  return {
    model,
    figures: {
      ...componentsOf(countedPartsMs(versions, roundTripMs)),
      meanBatch: meanBatch(byBatchSize),
    },
    byBatchSize,
    inferMsByBatchSize: bySize(({ ns }) => ns / 1e6),
  };
}

/** As many executions of each size as there were, with the mean of those of which these calls tell. */
function loggedInferMs(
  { calls: { execution, executedBatch, inferUs } }: RequestLog,
  calls: readonly number[],
  byBatchSize: readonly number[],
): readonly number[] {
  const executed = calls.filter((call) => execution[call]! >= 0);
  const row = new Map(executed.map((each) => [execution[each]!, each]));
  const sumsUs = byBatchSize.map(() => 0);
  const counts = byBatchSize.map(() => 0);
  for (const each of row.values()) {
    sumsUs[executedBatch[each]!]! += inferUs[each]!;
    counts[executedBatch[each]!]!++;
  }
  return byBatchSize.map((count, size) =>
    count > 0 && counts[size]! > 0 ? (count * sumsUs[size]!) / counts[size]! / 1000 : 0,
  );
}

/** By the names of `COMPONENT_METRICS`. */
function componentsOf(partsMs: Readonly<Record<LatencyPart, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(partsMs).map(([part, ms]) => [`${part}Ms`, ms]));
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
