import { InputError } from '../base/problem.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';
import { rowsOfTenant } from './figures/log-rows.js';
import { batchCount, batchMeans, batchStart, seriesMean } from './statistics/intervals.js';
import { comparePaired, type PairedComparison } from './statistics/paired.js';
import { quantiles } from './statistics/quantiles.js';

export interface NamedLog {
  readonly name: string;
  readonly log: RequestLog;
}

export interface LatencyQuestion {
  readonly tenant: string;
  readonly warmUpUs: number;
  /** Where latency begins in both runs: when a request was planned (default), or when it left the client. */
  readonly latencyFrom?: 'planned' | 'sent';
  /** Compare this percentile; left out: the means. */
  readonly percentile?: number;
}

/**
 * Whether the tenant's requests were planned at the same instants in both runs. Those of a closed loop are only by
 * chance, since a client plans the next one when it is answered.
 * @throws InputError when a log lacks the tenant
 */
export function hasSamePlan(a: NamedLog, b: NamedLog, question: LatencyQuestion): boolean {
  return isSamePlan(a, b, rowsOf(a, question), rowsOf(b, question));
}

/**
 * Compares a tenant's latency in two runs of the same load, request by request: both logs have the same
 * planned arrivals, and those requests that both runs completed are paired and compared in consecutive
 * batches. The difference is that of all which each run completed; the pairs say how certain it is.
 *
 * @throws InputError when a log lacks the tenant or the arrivals differ.
 */
export function compareLatency(a: NamedLog, b: NamedLog, question: LatencyQuestion): PairedComparison {
  const [rowsA, rowsB] = [rowsOf(a, question), rowsOf(b, question)];
  if (!isSamePlan(a, b, rowsA, rowsB)) {
    throw InputError.of(
      `the arrivals of ${question.tenant} differ between ${a.name} and ${b.name}`,
      'run both with the same trace and seed',
    );
  }
  const { latencyFrom, percentile } = question;
  const all = {
    a: Float64Array.from(rowsA, (row) => latencyMs(a.log, row, latencyFrom)),
    b: Float64Array.from(rowsB, (row) => latencyMs(b.log, row, latencyFrom)),
  };
  const isPaired = (_: number, i: number) => !Number.isNaN(all.a[i]!) && !Number.isNaN(all.b[i]!);
  const what = percentile === undefined ? 'mean latency' : `p${percentile} latency`;
  return comparePaired({
    what: `${what} of ${question.tenant}`,
    unit: 'ms',
    nameA: a.name,
    nameB: b.name,
    a: batchFigures(all.a.filter(isPaired), percentile),
    b: batchFigures(all.b.filter(isPaired), percentile),
    whole: { a: wholeFigure(all.a, percentile), b: wholeFigure(all.b, percentile) },
    pairs: 'batches',
  });
}

function wholeFigure(latenciesMs: Float64Array, percentile: number | undefined): number {
  const completed = latenciesMs.filter((ms) => !Number.isNaN(ms));
  return percentile === undefined ? seriesMean(completed) : valueAt(completed, percentile);
}

function rowsOf({ name, log }: NamedLog, { tenant, warmUpUs }: LatencyQuestion): number[] {
  if (!log.tenants.includes(tenant)) throw InputError.of(`${name} has no tenant ${tenant}`);
  return rowsOfTenant(log, tenant, warmUpUs);
}

function isSamePlan(a: NamedLog, b: NamedLog, rowsA: readonly number[], rowsB: readonly number[]): boolean {
  return rowsA.length === rowsB.length && rowsA.every((row, i) => planned(a, row) === planned(b, rowsB[i]!));
}

function planned({ log }: NamedLog, row: number): number {
  return log.plannedUs[row]!;
}

function latencyMs(log: RequestLog, row: number, from: LatencyQuestion['latencyFrom']): number {
  if (log.outcome[row] !== Outcome.completed) return Number.NaN;
  const beganUs = from === 'sent' ? log.sentUs : log.plannedUs;
  return (log.endedUs[row]! - beganUs[row]!) / 1000;
}

function batchFigures(series: Float64Array, percentile: number | undefined): number[] {
  const batches = batchCount(series.length);
  if (percentile === undefined) return batchMeans(series, batches);
  return Array.from({ length: batches }, (_, batch) => {
    const start = batchStart(batch, batches, series.length);
    const end = batchStart(batch + 1, batches, series.length);
    return valueAt(series.subarray(start, end), percentile);
  });
}

function valueAt(series: Float64Array, percentile: number): number {
  return quantiles(series, [percentile / 100])[0]!;
}
