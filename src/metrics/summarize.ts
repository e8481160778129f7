import { given } from '../base/given.js';
import type { Warning } from '../base/warning.js';
import type { DeviceUse, ExecutionCounts, HostUse } from '../simulator/result.js';
import type { RequestLog } from '../trace/request-log.js';
import { columnsOfLog } from './figures/columns.js';
import { latencyOf } from './figures/latency-summary.js';
import { rowsByTenant } from './figures/log-rows.js';
import { mergedLatencies } from './figures/merged-latencies.js';
import { lengthS } from './figures/rates.js';
import { summarizeStreams } from './figures/streams.js';
import { tenantFigures } from './figures/tenant-figures.js';
import type { SeriesSize, TenantSeries } from './figures/tenant-series.js';
import { totalFigures } from './figures/total-figures.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { Scratch } from './statistics/scratch.js';
import type { DeviceSummary, ModelSummary, Summary } from './summary.js';

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

/** A summary, and what it was made of. */
export interface SummaryWithLatencies {
  readonly summary: Summary;
  /** Latencies in microseconds behind the percentiles: of each tenant, and of all. */
  readonly tenantLatenciesUs: readonly Float64Array[];
  readonly totalLatenciesUs: Float64Array;
  /** What charts are drawn from, of each tenant; empty where none will be. */
  readonly series: readonly TenantSeries[];
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

/**
 * The same, for runs whose percentiles are to be put together.
 * @param series how fine charts will be; absent: none will be drawn
 */
export function summarizeWithLatencies(run: MeasuredRun, series?: SeriesSize): SummaryWithLatencies {
  const { log } = run;
  const window = { fromUs: Math.min(run.warmUpUs, log.endUs), endUs: log.endUs };
  const scratch = new Scratch();
  const measured = log.tenants.map((name) => run.tenants.find((tenant) => tenant.name === name) ?? { name });
  const memory = { scratch, isKept: true, ...(series && { series }) };
  const tenants = rowsByTenant(log).map((rows, i) =>
    tenantFigures(columnsOfLog(log, rows), measured[i]!, window, memory),
  );
  const totalLatenciesUs = mergedLatencies(tenants.map(({ completions }) => completions));
  const isFromSent = (row: number) => measured[log.tenant[row]!]!.latencyFrom === 'sent';
  const stream = summarizeStreams(log, Uint32Array.from(log.tenant.keys()), window.fromUs, isFromSent);
  const summary: Summary = {
    scenario: run.scenarioName,
    seed: String(run.seed),
    runs: 1,
    measuredS: lengthS(window),
    warmUpS: window.fromUs / 1e6,
    tenants: tenants.map((tenant) => tenant.summary),
    total: {
      ...totalFigures(tenants, () => latencyOf(totalLatenciesUs, scratch), window),
      ...(stream && { stream }),
    },
    devices: (run.devices ?? []).map(summarizeDevice),
    hosts: (run.hosts ?? []).map((host) => ({ ...host })),
    models: (run.executions ?? []).map(summarizeModel),
    warnings: [...(run.warnings ?? []), ...tenants.flatMap(({ warnings }) => warnings)],
  };
  return {
    summary,
    tenantLatenciesUs: tenants.map(({ completions }) => completions.latencyUs),
    totalLatenciesUs,
    series: tenants.flatMap((tenant) => tenant.series ?? []),
  };
}

function summarizeDevice(use: DeviceUse): DeviceSummary {
  const { busyUsByTenant, ...facts } = use;
  return { ...facts, shareByTenant: sharesByTenant(busyUsByTenant, use.busyShare) };
}

/**
 * The tenants' shares add up to the device's busy share: where executions overlap, the time in which
 * the device was busy is divided in proportion to their own times.
 */
export function sharesByTenant(
  busyUs: ReadonlyMap<string, number>,
  busyShare: number,
): DeviceSummary['shareByTenant'] {
  const shares = [...busyUs].sort(([a], [b]) => (a < b ? -1 : 1));
  const sumUs = shares.reduce((sum, [, us]) => sum + us, 0);
  return shares.map(([tenant, us]) => ({ tenant, share: sumUs > 0 ? (busyShare * us) / sumUs : 0 }));
}

export function summarizeModel(counts: ExecutionCounts): ModelSummary {
  const { server, model, byBatchSize, busyShare, cache, sequences, kvCache, loading } = counts;
  const executions = byBatchSize.reduce((sum, count) => sum + count, 0);
  const inferences = byBatchSize.reduce((sum, count, batchSize) => sum + count * batchSize, 0);
  return {
    server,
    model,
    executions,
    meanBatch: inferences / executions,
    byBatchSize,
    ...given({ busyShare, cache, sequences, kvCache, loading }),
  };
}
