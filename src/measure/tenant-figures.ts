import type { Warning } from '../base/warning.js';
import { leftAtUs } from '../metrics/columns.js';
import { inMs } from '../metrics/latency-summary.js';
import type { MeasuredTenant } from '../metrics/measured-tenant.js';
import { limitUsOf } from '../metrics/same-latency.js';
import { meanSplitMs, PARTS } from '../metrics/split.js';
import { StabilityTally } from '../metrics/stability.js';
import { notNegative, rateEstimate, seriesFigures } from '../metrics/statistics/intervals.js';
import { type StepSummary, StepTally } from '../metrics/steps.js';
import { streamLimits } from '../metrics/stream-limits.js';
import { type LatencySummary, PERCENTILES, type Split, type TenantSummary } from '../metrics/summary.js';
import { nameCounts, RATE_SLICES, summarizeSlo } from '../metrics/tenant-summary.js';
import { warningsOf } from '../metrics/warnings.js';
import { Outcome } from '../trace/request-log.js';
import type { TenantColumns } from './columns.js';
import { OrderStatistics } from './order-statistics.js';
import { quantileEstimates } from './quantile-estimates.js';
import type { Scratch } from './scratch.js';
import type { TenantStages } from './stages.js';
import { type SeriesSize, type TenantSeries, tenantSeries } from './tenant-series.js';

/** Where the columns are that figures are made of. */
export interface FigureMemory {
  readonly scratch: Scratch;
  /** Whether the completions are given, in memory of their own: a tenant that is alone is the total, and nobody asks for them. */
  readonly isKept: boolean;
  /** Whether to tell where requests spent their time, and what a reader must know before trusting the figures. Default: false. */
  readonly hasStages?: boolean;
  /** What charts are drawn from, where any will be; asked for together with stages. */
  readonly series?: SeriesSize;
}

/** When requests count, in microseconds: planned in it, both ends included. */
export interface Window {
  readonly fromUs: number;
  readonly endUs: number;
}

/** A tenant's figures, and what the total over all tenants is made of. */
export interface TenantFigures {
  readonly summary: TenantSummary;
  /** Those of a tenant that is given up are empty. */
  completions: Completions;
  /** Requests completed, inferences in them and requests within the limit, by slice of the window. */
  readonly slices: RateSlices;
  /** Offered requests of which it is known whether they met the SLO; and those that did. */
  readonly settled: number;
  readonly met: number;
  /** Where completed requests spent their time, and inferences of their executions; absent where it was not asked for. */
  readonly stages?: StageSums;
  readonly warnings: readonly Warning[];
  /** What charts are drawn from; absent where none will be. */
  readonly series?: TenantSeries;
}

/** Sums over completed requests. */
export interface StageSums {
  /** Microseconds in each part, in the order of `PARTS`. */
  readonly partsUs: Float64Array;
  readonly executedBatch: number;
}

/** Requests that were planned in the window and completed, in order of planned arrival. */
export interface Completions {
  readonly latencyUs: Float64Array;
  /** A column with the planned arrivals of these requests from row `first` on; it may hold others before and after. */
  readonly plannedUs: Float64Array;
  readonly first: number;
}

export const NO_COMPLETIONS: Completions = {
  latencyUs: new Float64Array(),
  plannedUs: new Float64Array(),
  first: 0,
};

export interface RateSlices {
  readonly requests: Float64Array;
  readonly inferences: Float64Array;
  readonly good: Float64Array;
}

/** The figures of one tenant: the same as those of `summarize` on a full log (a test holds the two together). */
export function tenantFigures(
  columns: TenantColumns,
  tenant: MeasuredTenant,
  window: Window,
  memory: FigureMemory,
): TenantFigures {
  const measured = measureRequests(columns, tenant, window, memory);
  const { counts, completions, met, metCount, slices, stability, stages, steps, open } = measured;
  const { slo } = tenant;
  const stream = columns.stages?.stream?.(window.fromUs, tenant.latencyFrom === 'sent');
  const latencies = seriesFigures(completions.latencyUs);
  const summary: TenantSummary = {
    tenant: tenant.name,
    counts,
    offeredPerS: counts.offered / lengthS(window),
    ...ratesOf(slices, window),
    latencyMs: latencyOf(completions.latencyUs, memory.scratch, latencies, slo?.percentile),
    ...stageMeans(stages, counts.completed),
    ...(steps !== undefined && { steps }),
    ...(stream !== undefined && { stream }),
    ...(slo && { slo: summarizeSlo(slo, met, latencies.effect) }),
    stability: stability.verdict,
  };
  const judged = { summary, latenciesUs: completions.latencyUs, open, stability };
  return {
    summary,
    completions: memory.isKept ? completions : NO_COMPLETIONS,
    slices,
    settled: met.length,
    met: metCount,
    ...(stages && { stages }),
    ...(memory.series && {
      series: tenantSeries(columns, tenant, completions.latencyUs, window, memory.series),
    }),
    warnings: stages === undefined ? [] : warningsOf(judged, window.endUs, window.fromUs),
  };
}

/** Means of so many completed requests; NaN where nothing is known. */
export function stageMeans(
  stages: StageSums | undefined,
  completed: number,
): Pick<TenantSummary, 'splitMs' | 'executedBatch'> {
  if (stages === undefined) return { splitMs: UNKNOWN_SPLIT, executedBatch: Number.NaN };
  return { splitMs: meanSplitMs(stages.partsUs, completed), executedBatch: stages.executedBatch / completed };
}

/** Rates with the intervals that their slices give. */
export function ratesOf({ requests, inferences, good }: RateSlices, window: Window) {
  const sliceS = lengthS(window) / RATE_SLICES;
  const rate = (counts: Float64Array) => rateEstimate([...counts], sliceS);
  return { throughputPerS: rate(requests), inferencesPerS: rate(inferences), goodputPerS: rate(good) };
}

export function latencyOf(
  latencyUs: Float64Array,
  scratch: Scratch,
  figures = seriesFigures(latencyUs),
  sloPercentile?: number,
): LatencySummary {
  const order = new OrderStatistics(latencyUs, scratch);
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

/**
 * What became of the requests: of those that were planned inside the window, but for rates of those that were completed
 * inside of it, whenever they were planned. One pass for all of it.
 */
function measureRequests(
  columns: TenantColumns,
  tenant: MeasuredTenant,
  { fromUs, endUs }: Window,
  memory: FigureMemory,
) {
  const { plannedUs, sentUs, endedUs, outcome, sizes, batchSize } = columns;
  const isFromSent = tenant.latencyFrom === 'sent';
  const limitUs = tenant.slo === undefined ? Number.POSITIVE_INFINITY : limitUsOf(tenant.slo.limitMs);
  const keepsStream = tenant.slo && streamLimits(tenant.slo, columns.responses);
  const stability = new StabilityTally(fromUs, endUs);
  const slices = emptySlices();
  const sliceUs = (endUs - fromUs) / RATE_SLICES;
  const byOutcome = [0, 0, 0, 0, 0];
  const completions = new CompletionList(columns, fromUs, memory);
  const met = memory.scratch.uint8(plannedUs.length);
  const stages = columns.stages && new StageTally(columns.stages);
  let settled = 0;
  let metCount = 0;
  let open = 0;
  for (let row = 0; row < plannedUs.length; row++) {
    const planned = plannedUs[row]!;
    const sent = sentUs[row]!;
    const ended = endedUs[row]!;
    const became = outcome[row]!;
    stability.add(planned, sent, leftAtUs(became, ended, sent, planned), became);
    const began = isFromSent ? sent : planned;
    const latency = ended - began;
    const isCompleted = became === Outcome.completed;
    const isKept = latency <= limitUs && keepsStream?.(began, ended, row) !== false;
    if (isCompleted && ended > fromUs && ended <= endUs) {
      const slice = Math.min(RATE_SLICES - 1, Math.floor((ended - fromUs) / sliceUs));
      slices.requests[slice]!++;
      slices.inferences[slice]! += sizes === undefined ? batchSize : sizes[row]!;
      if (isKept) slices.good[slice]!++;
    }
    if (planned < fromUs || planned > endUs) continue;
    byOutcome[became]!++;
    if (isCompleted) {
      completions.add(row, latency);
      stages?.add(row, isFromSent ? 0 : sent - planned);
      if (isKept) metCount++;
      met[settled++] = isKept ? 1 : 0;
    } else if (became !== Outcome.unfinished || endUs - began > limitUs) {
      met[settled++] = 0;
    } else open++;
  }
  return {
    counts: nameCounts(byOutcome),
    completions: completions.all(),
    met: met.subarray(0, settled),
    metCount,
    slices,
    stability: stability.verdict(),
    stages: stages?.sums(),
    steps: stages?.steps(),
    open,
  };
}

/** Adds up where completed requests spent their time. */
class StageTally {
  readonly #stages: TenantStages;
  readonly #sumsUs = new Float64Array(PARTS.length);
  readonly #partsUs = new Float64Array(PARTS.length);
  readonly #steps = new StepTally();
  #executedBatch = 0;

  constructor(stages: TenantStages) {
    this.#stages = stages;
  }

  add(row: number, clientUs: number): void {
    const partsUs = this.#partsUs;
    const sumsUs = this.#sumsUs;
    this.#stages.partsUs(row, partsUs);
    sumsUs[0]! += clientUs;
    for (let part = 1; part < sumsUs.length; part++) sumsUs[part]! += partsUs[part]!;
    this.#executedBatch += this.#stages.executedBatch(row);
    this.#stages.addSteps?.(row, this.#steps);
  }

  steps(): StepSummary[] | undefined {
    return this.#stages.addSteps && this.#steps.steps();
  }

  sums(): StageSums {
    return { partsUs: this.#sumsUs, executedBatch: this.#executedBatch };
  }
}

/** Collects requests that completed. */
class CompletionList {
  readonly #plannedUs: Float64Array;
  readonly #latencyUs: Float64Array;
  readonly #first: number;
  #count = 0;
  #gathered: Float64Array | undefined;

  constructor(columns: TenantColumns, fromUs: number, { scratch, isKept }: FigureMemory) {
    const { length } = columns.plannedUs;
    this.#plannedUs = columns.plannedUs;
    this.#latencyUs = isKept ? new Float64Array(length) : scratch.float64(length);
    this.#first = firstCompleted(columns, fromUs);
  }

  add(row: number, latencyUs: number): void {
    // While they are consecutive, the column of all requests serves for those that completed.
    if (this.#gathered === undefined && row !== this.#first + this.#count) this.#gather();
    if (this.#gathered !== undefined) this.#gathered[this.#count] = this.#plannedUs[row]!;
    this.#latencyUs[this.#count++] = latencyUs;
  }

  #gather(): void {
    this.#gathered = new Float64Array(this.#plannedUs.length);
    this.#gathered.set(this.#plannedUs.subarray(this.#first, this.#first + this.#count));
  }

  all(): Completions {
    const latencyUs = this.#latencyUs.subarray(0, this.#count);
    if (this.#gathered === undefined) return { plannedUs: this.#plannedUs, first: this.#first, latencyUs };
    return { plannedUs: this.#gathered.subarray(0, this.#count), first: 0, latencyUs };
  }
}

/** The first row that was planned in the window and completed. */
function firstCompleted({ plannedUs, outcome }: TenantColumns, fromUs: number): number {
  let row = 0;
  while (row < plannedUs.length && !(plannedUs[row]! >= fromUs && outcome[row] === Outcome.completed)) row++;
  return row;
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

/** Where requests spent their time, where that was not asked for. */
export const UNKNOWN_SPLIT = Object.fromEntries(PARTS.map((part) => [part, Number.NaN])) as unknown as Split;
