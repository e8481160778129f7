import { given } from '../../base/given.js';
import type { Warning } from '../../base/warning.js';
import { Outcome } from '../../trace/request-log.js';
import type { MeasuredTenant } from '../measured-tenant.js';
import { limitUsOf } from '../same-latency.js';
import { seriesFigures, shareEstimate, unknownInterval } from '../statistics/intervals.js';
import type { Scratch } from '../statistics/scratch.js';
import { streamLimits, streamSloOf } from '../stream-limits.js';
import { type Estimate, isMet, type SloSummary, type TenantSummary } from '../summary.js';
import type { TenantColumns } from './columns.js';
import { CompletionList, type Completions, NO_COMPLETIONS } from './completions.js';
import { latencyOf } from './latency-summary.js';
import { leftAtUs } from './log-rows.js';
import { lengthS, type RateCounts, RateTally, ratesOf, type Window } from './rates.js';
import { summarizeSequences } from './sequences.js';
import { StabilityTally } from './stability.js';
import { type StageSums, StageTally, stageMeans } from './stages.js';
import { type SeriesSize, type TenantSeries, tenantSeries } from './tenant-series.js';
import { type JudgedTenant, warningsOf } from './warnings.js';

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

/** A tenant's figures, and what the total over all tenants is made of. */
export interface TenantFigures {
  readonly summary: TenantSummary;
  /** Those of a tenant that is given up are empty. */
  completions: Completions;
  readonly slices: RateCounts;
  /** Offered requests of which it is known whether they met the SLO; and those that did. */
  readonly settled: number;
  readonly met: number;
  /** Absent where it was not asked for. */
  readonly stages?: StageSums;
  readonly warnings: readonly Warning[];
  /** What charts are drawn from; absent where none will be. */
  readonly series?: TenantSeries;
}

/** The figures of one tenant, of a log or of a run of which no log is kept. */
export function tenantFigures(
  columns: TenantColumns,
  tenant: MeasuredTenant,
  window: Window,
  memory: FigureMemory,
): TenantFigures {
  const measured = measureRequests(columns, tenant, window, memory);
  const { completions, met, metCount } = measured;
  const { latencyUs } = completions;
  const isFromSent = tenant.latencyFrom === 'sent';
  const stream = columns.stages?.stream?.(window.fromUs, isFromSent);
  const sequences =
    columns.stages && tenant.sequences && summarizeSequences(columns, tenant.sequences, window, isFromSent);
  const latencies = seriesFigures(latencyUs);
  return {
    ...assembleTenant(tenant, window, {
      ...measured,
      latencyMs: latencyOf(latencyUs, memory.scratch, latencies, tenant.slo?.percentile),
      attainment: () =>
        met.length === 0 ? unknownInterval(Number.NaN) : shareEstimate(met, latencies.effect),
      ...(stream !== undefined && { stream }),
      ...(sequences !== undefined && { sequences }),
      settled: met.length,
      met: metCount,
      courseUs: latencyUs,
      ...(memory.series && { series: tenantSeries(columns, tenant, latencyUs, window, memory.series) }),
    }),
    completions: memory.isKept ? completions : NO_COMPLETIONS,
  };
}

/** What the figures of a tenant are put together from. */
interface MeasuredParts
  extends Pick<TenantSummary, 'counts' | 'latencyMs' | 'stream' | 'sequences'>,
    Pick<TenantFigures, 'slices' | 'settled' | 'met' | 'series'>,
    Pick<JudgedTenant, 'open' | 'stability' | 'courseUs'> {
  readonly stages: StageSums | undefined;
  readonly steps?: TenantSummary['steps'] | undefined;
  /** The share of settled requests that met the SLO, asked for where there is one. */
  readonly attainment: () => Estimate;
}

export type AssembledTenant = Omit<TenantFigures, 'completions'>;

export function assembleTenant(
  { name, slo }: MeasuredTenant,
  window: Window,
  {
    counts,
    slices,
    latencyMs,
    stages,
    steps,
    stream,
    sequences,
    stability,
    open,
    courseUs,
    ...parts
  }: MeasuredParts,
): AssembledTenant {
  const { settled, met, series } = parts;
  const summary: TenantSummary = {
    tenant: name,
    counts,
    offeredPerS: counts.offered / lengthS(window),
    ...ratesOf([slices], window),
    latencyMs,
    ...stageMeans(stages),
    ...(slo && { slo: summarizeSlo(slo, parts.attainment()) }),
    ...given({ steps, stream, sequences }),
    stability: stability.verdict,
  };
  const judged = { summary, courseUs, open, stability };
  return {
    summary,
    slices,
    settled,
    met,
    ...(stages && { stages }),
    ...(series && { series }),
    warnings: stages === undefined ? [] : warningsOf(judged, window.endUs, window.fromUs),
  };
}

/**
 * What became of the requests: of those that were planned inside the window, but for rates of those that were completed
 * inside of it, whenever they were planned. One pass for all of it.
 */
function measureRequests(
  columns: TenantColumns,
  tenant: MeasuredTenant,
  window: Window,
  memory: FigureMemory,
) {
  const { plannedUs, sentUs, endedUs, outcome, sizes, batchSize } = columns;
  const { fromUs, endUs } = window;
  const isFromSent = tenant.latencyFrom === 'sent';
  const limitUs = tenant.slo === undefined ? Number.POSITIVE_INFINITY : limitUsOf(tenant.slo.limitMs);
  const keepsStream = tenant.slo && streamLimits(tenant.slo, columns.responses);
  const stability = new StabilityTally(fromUs, endUs);
  const rates = new RateTally(window);
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
    if (isCompleted) rates.complete(ended, sizes === undefined ? batchSize : sizes[row]!, isKept);
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
    counts: countsOf(byOutcome),
    completions: completions.all(),
    met: met.subarray(0, settled),
    metCount,
    slices: rates.counts,
    stability: stability.verdict(),
    stages: stages?.sums(),
    steps: stages?.steps(),
    open,
  };
}

/** @param byOutcome how many requests each {@link Outcome} had */
export function countsOf(byOutcome: readonly number[]): TenantSummary['counts'] {
  return {
    offered: byOutcome.reduce((sum, count) => sum + count, 0),
    completed: byOutcome[Outcome.completed]!,
    rejected: byOutcome[Outcome.rejected]!,
    timedOut: byOutcome[Outcome.timedOut]!,
    failed: byOutcome[Outcome.failed]!,
    inFlightAtEnd: byOutcome[Outcome.unfinished]!,
  };
}

function summarizeSlo(slo: NonNullable<MeasuredTenant['slo']>, attainment: Estimate): SloSummary {
  const { percentile, limitMs } = slo;
  return { percentile, limitMs, ...streamSloOf(slo), attainment, met: isMet(slo, attainment) };
}
