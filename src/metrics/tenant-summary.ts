import { meanExecutedBatch } from '../trace/calls.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';
import { type DerivedColumns, SloOutcome } from './columns.js';
import { summarizeLatency } from './latency-summary.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { SplitSum } from './split.js';
import type { StabilityVerdict } from './stability.js';
import type { DesignEffect } from './statistics/effective-trials.js';
import { rateEstimate, seriesFigures, shareEstimate, unknownInterval } from './statistics/intervals.js';
import { StepTally } from './steps.js';
import { streamSloOf } from './stream-limits.js';
import { summarizeStreams } from './streams.js';
import { isMet, type SloSummary, type TenantSummary } from './summary.js';

/** Slices of the window whose counts give the rates their intervals. */
export const RATE_SLICES = 32;

/** The rows that one summary is about, and the window in which they count. */
export interface Scope {
  readonly log: RequestLog;
  readonly columns: DerivedColumns;
  readonly rows: Uint32Array;
  /** Start of the window in microseconds; it ends with the run. */
  readonly fromUs: number;
}

/** A tenant's summary, and what it was made of that warnings need. */
export interface MeasuredScope {
  readonly summary: TenantSummary;
  /** Latencies in microseconds of the requests that were planned in the window and completed. */
  readonly latenciesUs: Float64Array;
  /** Requests left out of the attainment because they were neither answered nor late at the end. */
  readonly open: number;
}

/** Summarises the rows of one tenant, or of all of them. */
export function summarizeScope(
  scope: Scope,
  tenant: Pick<MeasuredTenant, 'name' | 'slo'>,
  stability: StabilityVerdict,
): MeasuredScope {
  const offered = measureOffered(scope);
  const rates = measureRates(scope);
  const windowS = (scope.log.endUs - scope.fromUs) / 1e6;
  const latencies = seriesFigures(offered.latenciesUs);
  const slo = tenant.slo === undefined ? undefined : summarizeSlo(tenant.slo, offered.met, latencies.effect);
  const stream = summarizeStreams(scope);
  const summary: TenantSummary = {
    tenant: tenant.name,
    counts: offered.counts,
    offeredPerS: offered.counts.offered / windowS,
    ...rates,
    latencyMs: summarizeLatency(offered.latenciesUs, latencies, tenant.slo?.percentile),
    splitMs: offered.split.meanMs(),
    executedBatch: offered.executedBatchSum / offered.executed,
    ...(slo !== undefined && { slo }),
    ...(offered.steps !== undefined && { steps: offered.steps.steps() }),
    ...(stream !== undefined && { stream }),
    stability: stability.verdict,
  };
  return { summary, latenciesUs: offered.latenciesUs, open: offered.open };
}

/** What became of the requests that were planned inside the window. */
function measureOffered({ log, columns, rows, fromUs }: Scope) {
  const byOutcome = [0, 0, 0, 0, 0];
  const latenciesUs = new Float64Array(rows.length);
  const met = new Uint8Array(rows.length);
  const split = new SplitSum();
  const steps = log.calls.tree && new StepTally();
  let completed = 0;
  let settled = 0;
  let open = 0;
  let executed = 0;
  let executedBatchSum = 0;
  for (const row of rows) {
    if (log.plannedUs[row]! < fromUs || log.plannedUs[row]! > log.endUs) continue;
    byOutcome[log.outcome[row]!]!++;
    if (columns.met[row] === SloOutcome.open) open++;
    else met[settled++] = columns.met[row]!;
    if (log.outcome[row] !== Outcome.completed) continue;
    latenciesUs[completed++] = columns.latencyUs[row]!;
    const batch = meanExecutedBatch(log, row);
    if (batch > 0) executed++;
    executedBatchSum += batch;
    steps?.add(log, row);
    split.add(log, row, !columns.isFromSent[log.tenant[row]!]!);
  }
  return {
    counts: nameCounts(byOutcome),
    latenciesUs: latenciesUs.subarray(0, completed),
    met: met.subarray(0, settled),
    split,
    steps,
    open,
    executed,
    executedBatchSum,
  };
}

/** @param byOutcome how many requests each {@link Outcome} had */
export function nameCounts(byOutcome: readonly number[]): TenantSummary['counts'] {
  return {
    offered: byOutcome.reduce((sum, count) => sum + count, 0),
    completed: byOutcome[Outcome.completed]!,
    rejected: byOutcome[Outcome.rejected]!,
    timedOut: byOutcome[Outcome.timedOut]!,
    failed: byOutcome[Outcome.failed]!,
    inFlightAtEnd: byOutcome[Outcome.unfinished]!,
  };
}

/** Rates count what was completed inside the window, whenever it was planned. */
function measureRates({ log, columns, rows, fromUs }: Scope) {
  const requests = new Array<number>(RATE_SLICES).fill(0);
  const inferences = [...requests];
  const good = [...requests];
  const sliceUs = (log.endUs - fromUs) / RATE_SLICES;
  for (const row of rows) {
    const endedUs = log.endedUs[row]!;
    if (log.outcome[row] !== Outcome.completed || endedUs <= fromUs || endedUs > log.endUs) continue;
    const slice = Math.min(RATE_SLICES - 1, Math.floor((endedUs - fromUs) / sliceUs));
    requests[slice]!++;
    inferences[slice]! += log.batchSize[row]!;
    if (columns.met[row] === SloOutcome.met) good[slice]!++;
  }
  const rate = (counts: number[]) => rateEstimate(counts, sliceUs / 1e6);
  return { throughputPerS: rate(requests), inferencesPerS: rate(inferences), goodputPerS: rate(good) };
}

/**
 * @param met of each settled request, in order of planned arrival, whether it was answered within the limit; none: nothing is known
 * @param effect that of the latencies
 */
export function summarizeSlo(
  slo: NonNullable<MeasuredTenant['slo']>,
  met: Uint8Array,
  effect: DesignEffect,
): SloSummary {
  const attainment = met.length === 0 ? unknownInterval(Number.NaN) : shareEstimate(met, effect);
  const { percentile, limitMs } = slo;
  return { percentile, limitMs, ...streamSloOf(slo), attainment, met: isMet(slo, attainment) };
}
