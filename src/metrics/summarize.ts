import type { Warning } from '../base/warning.js';
import type { DeviceUse, ExecutionCounts, HostUse } from '../simulator/result.js';
import type { RequestLog } from '../trace/request-log.js';
import { allRows, deriveColumns, rowsByTenant } from './columns.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { isWorse, judgeStability, STABLE, type StabilityVerdict } from './stability.js';
import type { DeviceSummary, ModelSummary, Summary, TenantSummary } from './summary.js';
import { summarizeScope } from './tenant-summary.js';
import { type JudgedTenant, warningsOf } from './warnings.js';

/** A run to be summarised: what the simulator or a live run gives, and what the scenario says of it. */
export interface MeasuredRun {
  readonly scenarioName: string;
  readonly seed: number | string;
  /** Requests planned before this are not counted. */
  readonly warmUpUs: number;
  /** Tenants of the scenario; those of the log that are missing here have no SLO. */
  readonly tenants: readonly MeasuredTenant[];
  readonly log: RequestLog;
  readonly executions?: readonly ExecutionCounts[];
  readonly devices?: readonly DeviceUse[];
  readonly hosts?: readonly HostUse[];
  /** Warnings of the run itself, put before those that the summary adds. */
  readonly warnings?: readonly Warning[];
}

/** A summary, and in microseconds the latencies behind its percentiles: of each tenant, and of all. */
export interface SummaryWithLatencies {
  readonly summary: Summary;
  readonly tenantLatenciesUs: readonly Float64Array[];
  readonly totalLatenciesUs: Float64Array;
}

/**
 * What a run says, per tenant and in total. The window is from the end of the warm-up to the end of the
 * run.
 *
 * - `offered`: requests planned inside the window (its end included); `completed`, `rejected`, … say what became of them
 *   and add up to it.
 * - rates: completions inside the window, whenever planned, over its length.
 * - latency and its split: of requests planned inside the window and completed by its end. In a run
 *   that does not keep up these are the lucky ones, which is why there is a verdict on stability.
 * - SLO attainment: over the offered requests. Unanswered ones have missed when they are older than the
 *   limit at the end, and are left out otherwise.
 * - devices, hosts and models: over the whole run with its warm-up, as the servers count.
 *
 * Intervals are by batch means, see `intervals.ts`; in total, the latency of a request begins where its own tenant's does, it
 * counts as good by that tenant's SLO, and the verdict is that of the worst tenant.
 */
export function summarize(run: MeasuredRun): Summary {
  return summarizeWithLatencies(run).summary;
}

/** The same, for runs whose percentiles are to be put together. */
export function summarizeWithLatencies(run: MeasuredRun): SummaryWithLatencies {
  const { log } = run;
  const fromUs = Math.min(run.warmUpUs, log.endUs);
  const columns = deriveColumns(log, run.tenants);
  const tenants = rowsByTenant(log).map((rows, index): JudgedTenant => {
    const tenant = run.tenants.find(({ name }) => name === log.tenants[index]) ?? {
      name: log.tenants[index]!,
    };
    const stability = judgeStability(log, rows, fromUs);
    return { ...summarizeScope({ log, columns, rows, fromUs }, tenant, stability), stability };
  });
  const scope = { log, columns, rows: allRows(log), fromUs };
  const total = summarizeScope(scope, { name: TOTAL }, worst(tenants.map(({ stability }) => stability)));
  const summary: Summary = {
    scenario: run.scenarioName,
    seed: String(run.seed),
    runs: 1,
    measuredS: (log.endUs - fromUs) / 1e6,
    warmUpS: fromUs / 1e6,
    tenants: tenants.map(({ summary }) => summary),
    total: withoutSteps(total.summary),
    devices: (run.devices ?? []).map(summarizeDevice),
    hosts: (run.hosts ?? []).map((host) => ({ ...host })),
    models: (run.executions ?? []).map(summarizeModel),
    warnings: [
      ...(run.warnings ?? []),
      ...tenants.flatMap((tenant) => warningsOf(tenant, log.endUs, fromUs)),
    ],
  };
  return {
    summary,
    tenantLatenciesUs: tenants.map(({ latenciesUs }) => latenciesUs),
    totalLatenciesUs: total.latenciesUs,
  };
}

/** Name of the summary over all tenants. */
export const TOTAL = 'total';

/** Tenants' models have nothing in common. */
function withoutSteps({ steps: _, ...summary }: TenantSummary): TenantSummary {
  return summary;
}

function worst(verdicts: readonly StabilityVerdict[]): StabilityVerdict {
  return verdicts.reduce((worst, each) => (isWorse(each.verdict, worst.verdict) ? each : worst), STABLE);
}

/**
 * The tenants' shares add up to the device's busy share: where executions overlap, the time in which
 * the device was busy is divided in proportion to their own times.
 */
export function summarizeDevice(use: DeviceUse): DeviceSummary {
  const { busyUsByTenant, timeline, presentShare, ...facts } = use;
  const shares = [...busyUsByTenant].sort(([a], [b]) => (a < b ? -1 : 1));
  const sumUs = shares.reduce((sum, [, us]) => sum + us, 0);
  const shareByTenant = shares.map(([tenant, us]) => ({
    tenant,
    share: sumUs > 0 ? (use.busyShare * us) / sumUs : 0,
  }));
  return { ...facts, shareByTenant, timeline, ...(presentShare !== undefined && { presentShare }) };
}

export function summarizeModel(counts: ExecutionCounts): ModelSummary {
  const { server, model, byBatchSize, cache, sequences, loading } = counts;
  const executions = byBatchSize.reduce((sum, count) => sum + count, 0);
  const inferences = byBatchSize.reduce((sum, count, batchSize) => sum + count * batchSize, 0);
  return {
    server,
    model,
    executions,
    meanBatch: inferences / executions,
    byBatchSize,
    ...(cache && { cache }),
    ...(sequences && { sequences }),
    ...(loading && { loading }),
  };
}
