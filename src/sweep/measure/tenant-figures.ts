import type { DesignEffect } from '../../metrics/effective-trials.js';
import {
  notNegative,
  rateEstimate,
  seriesFigures,
  shareEstimate,
  unknownInterval,
} from '../../metrics/intervals.js';
import type { MeasuredTenant } from '../../metrics/measured-tenant.js';
import { PARTS } from '../../metrics/split.js';
import { judgeStability } from '../../metrics/stability.js';
import {
  isMet,
  type LatencySummary,
  PERCENTILES,
  type SloSummary,
  type Split,
  type TenantSummary,
} from '../../metrics/summary.js';
import { inMs, nameCounts, RATE_SLICES } from '../../metrics/tenant-summary.js';
import { Outcome, type RequestLog } from '../../trace/request-log.js';
import type { TenantColumns } from './columns.js';
import { OrderStatistics } from './order-statistics.js';
import { numbersFrom } from './planned-order.js';
import { quantileEstimates } from './quantile-estimates.js';

/** When requests count, in microseconds: planned in it, both ends included. */
export interface Window {
  readonly fromUs: number;
  readonly endUs: number;
}

/** A tenant's figures, and what the total over all tenants is made of. */
export interface TenantFigures {
  readonly summary: TenantSummary;
  readonly completions: Completions;
  /** Requests completed, inferences in them and requests within the limit, by slice of the window. */
  readonly slices: RateSlices;
  /** Offered requests of which it is known whether they kept the SLO; and those that did. */
  readonly settled: number;
  readonly kept: number;
}

/** Requests that were planned in the window and completed, in order of planned arrival. */
export interface Completions {
  readonly latencyUs: Float64Array;
  /** A column with the planned arrivals of these requests from row `first` on; it may hold others before and after. */
  readonly plannedUs: Float64Array;
  readonly first: number;
}

export interface RateSlices {
  readonly requests: Float64Array;
  readonly inferences: Float64Array;
  readonly good: Float64Array;
}

/**
 * The figures of one tenant: the same as those of `summarize` on a full log (a test holds the two
 * together), less where requests spent their time.
 */
export function tenantFigures(columns: TenantColumns, tenant: MeasuredTenant, window: Window): TenantFigures {
  const offered = measureOffered(columns, tenant, window);
  const slices = measureRates(columns, tenant, window);
  const everyRow = numbersFrom(0, columns.plannedUs.length);
  const { verdict } = judgeStability(logOf(columns, window), everyRow, window.fromUs);
  const { slo } = tenant;
  const latencies = seriesFigures(offered.completions.latencyUs);
  const summary: TenantSummary = {
    tenant: tenant.name,
    counts: offered.counts,
    offeredPerS: offered.counts.offered / lengthS(window),
    ...ratesOf(slices, window),
    latencyMs: latencyOf(offered.completions.latencyUs, latencies, slo?.percentile),
    splitMs: UNKNOWN_SPLIT,
    executedBatch: Number.NaN,
    ...(slo && { slo: sloOf(slo, offered.kept, latencies.effect) }),
    stability: verdict,
  };
  return {
    summary,
    completions: offered.completions,
    slices,
    settled: offered.kept.length,
    kept: offered.keptCount,
  };
}

function sloOf(
  { percentile, limitMs }: NonNullable<MeasuredTenant['slo']>,
  kept: Uint8Array,
  effect: DesignEffect,
): SloSummary {
  const attainment = kept.length === 0 ? unknownInterval(Number.NaN) : shareEstimate(kept, effect);
  return { percentile, limitMs, attainment, met: isMet({ percentile }, attainment) };
}

/** Rates with the intervals that their slices give. */
export function ratesOf({ requests, inferences, good }: RateSlices, window: Window) {
  const sliceS = lengthS(window) / RATE_SLICES;
  const rate = (counts: Float64Array) => rateEstimate([...counts], sliceS);
  return { throughputPerS: rate(requests), inferencesPerS: rate(inferences), goodputPerS: rate(good) };
}

export function latencyOf(
  latencyUs: Float64Array,
  figures = seriesFigures(latencyUs),
  sloPercentile?: number,
): LatencySummary {
  const order = new OrderStatistics(latencyUs);
  const further = PERCENTILES.some((percentile) => percentile === sloPercentile) ? [] : [sloPercentile];
  const percentiles = [...PERCENTILES, ...further].filter((percentile) => percentile !== undefined);
  const shares = percentiles.map((percentile) => percentile / 100);
  const estimates = quantileEstimates(order, shares, figures.effect);
  return {
    mean: inMs(notNegative(figures.mean)),
    max: order.max / 1000,
    percentiles: percentiles.map((percentile, i) => ({ percentile, ms: inMs(estimates[i]!) })),
  };
}

function lengthS({ fromUs, endUs }: Window): number {
  return (endUs - fromUs) / 1e6;
}

function startsOf(columns: TenantColumns, tenant: MeasuredTenant): Float64Array {
  return tenant.latencyFrom === 'sent' ? columns.sentUs : columns.plannedUs;
}

function limitUsOf({ slo }: MeasuredTenant): number {
  return slo === undefined ? Number.POSITIVE_INFINITY : 1000 * slo.limitMs;
}

/** What became of the requests that were planned inside the window. */
function measureOffered(columns: TenantColumns, tenant: MeasuredTenant, { fromUs, endUs }: Window) {
  const { plannedUs, endedUs, outcome } = columns;
  const startUs = startsOf(columns, tenant);
  const limitUs = limitUsOf(tenant);
  const byOutcome = [0, 0, 0, 0, 0];
  const first = firstCompleted(columns, fromUs);
  let gathered: Float64Array | undefined;
  const latencyUs = new Float64Array(plannedUs.length);
  const kept = new Uint8Array(plannedUs.length);
  let completed = 0;
  let settled = 0;
  let keptCount = 0;
  for (let row = 0; row < plannedUs.length; row++) {
    const planned = plannedUs[row]!;
    if (planned < fromUs || planned > endUs) continue;
    const became = outcome[row]!;
    byOutcome[became]!++;
    if (became === Outcome.completed) {
      const latency = endedUs[row]! - startUs[row]!;
      // While they are consecutive, the column of all requests serves for those that completed.
      if (gathered === undefined && row !== first + completed) {
        gathered = new Float64Array(plannedUs.length);
        gathered.set(plannedUs.subarray(first, first + completed));
      }
      if (gathered !== undefined) gathered[completed] = planned;
      latencyUs[completed++] = latency;
      if (latency <= limitUs) {
        kept[settled] = 1;
        keptCount++;
      }
      settled++;
    } else if (became !== Outcome.unfinished || endUs - startUs[row]! > limitUs) {
      settled++;
    }
  }
  return {
    counts: nameCounts(byOutcome),
    completions: {
      plannedUs: gathered?.subarray(0, completed) ?? plannedUs,
      first: gathered === undefined ? first : 0,
      latencyUs: latencyUs.subarray(0, completed),
    },
    kept: kept.subarray(0, settled),
    keptCount,
  };
}

/** The first row that was planned in the window and completed. */
function firstCompleted({ plannedUs, outcome }: TenantColumns, fromUs: number): number {
  let row = 0;
  while (row < plannedUs.length && !(plannedUs[row]! >= fromUs && outcome[row] === Outcome.completed)) row++;
  return row;
}

/** Rates count what was completed inside the window, whenever it was planned. */
function measureRates(columns: TenantColumns, tenant: MeasuredTenant, { fromUs, endUs }: Window): RateSlices {
  const { endedUs, outcome, sizes, batchSize } = columns;
  const startUs = startsOf(columns, tenant);
  const limitUs = limitUsOf(tenant);
  const slices = emptySlices();
  const sliceUs = (endUs - fromUs) / RATE_SLICES;
  for (let row = 0; row < endedUs.length; row++) {
    const ended = endedUs[row]!;
    if (outcome[row] !== Outcome.completed || ended <= fromUs || ended > endUs) continue;
    const slice = Math.min(RATE_SLICES - 1, Math.floor((ended - fromUs) / sliceUs));
    slices.requests[slice]!++;
    slices.inferences[slice]! += sizes === undefined ? batchSize : sizes[row]!;
    if (ended - startUs[row]! <= limitUs) slices.good[slice]!++;
  }
  return slices;
}

function emptySlices(): RateSlices {
  return {
    requests: new Float64Array(RATE_SLICES),
    inferences: new Float64Array(RATE_SLICES),
    good: new Float64Array(RATE_SLICES),
  };
}

/** Slice by slice over all tenants. */
export function addSlices(parts: readonly RateSlices[]): RateSlices {
  const sum = emptySlices();
  for (const part of parts) {
    for (const key of ['requests', 'inferences', 'good'] as const) {
      for (let slice = 0; slice < RATE_SLICES; slice++) sum[key][slice]! += part[key][slice]!;
    }
  }
  return sum;
}

/** What a sweep does not measure. */
export const UNKNOWN_SPLIT = Object.fromEntries(PARTS.map((part) => [part, Number.NaN])) as unknown as Split;

/** The columns as the log that the verdict on stability reads; what it never reads is empty. */
function logOf({ plannedUs, sentUs, endedUs, outcome }: TenantColumns, { endUs }: Window): RequestLog {
  return { ...EMPTY_LOG, plannedUs, sentUs, endedUs, outcome, endUs };
}

const EMPTY_LOG: RequestLog = {
  tenants: [],
  servers: [],
  tenant: new Uint16Array(),
  server: new Uint16Array(),
  batchSize: new Uint16Array(),
  plannedUs: new Float64Array(),
  sentUs: new Float64Array(),
  queuedUs: new Float64Array(),
  startedUs: new Float64Array(),
  endedUs: new Float64Array(),
  inputUs: new Float32Array(),
  inferUs: new Float32Array(),
  outputUs: new Float32Array(),
  responseUs: new Float32Array(),
  frontEndUs: new Float32Array(),
  networkUs: new Float32Array(),
  execution: new Int32Array(),
  executedBatch: new Uint16Array(),
  outcome: new Uint8Array(),
  endUs: 0,
};
