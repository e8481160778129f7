import { InputError } from '../base/problem.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';
import { batchCount, batchMeans, batchStart } from './intervals.js';
import { comparePaired, type PairedComparison } from './paired.js';
import { quantiles } from './quantiles.js';

/** A run under a name. */
export interface NamedLog {
  readonly name: string;
  readonly log: RequestLog;
}

export interface LatencyQuestion {
  readonly tenant: string;
  readonly warmUpUs: number;
  /** Compare this percentile of the batches; left out: their means. */
  readonly percentile?: number;
}

/**
 * Compares a tenant's latency in two runs of the same load, request by request: both logs have the same
 * planned arrivals, and those requests that both runs completed are paired and compared in consecutive
 * batches.
 *
 * @throws InputError when a log lacks the tenant or the arrivals differ.
 */
export function compareLatency(a: NamedLog, b: NamedLog, question: LatencyQuestion): PairedComparison {
  const [rowsA, rowsB] = [rowsOf(a, question), rowsOf(b, question)];
  const samePlan =
    rowsA.length === rowsB.length && rowsA.every((row, i) => planned(a, row) === planned(b, rowsB[i]!));
  if (!samePlan) {
    throw InputError.of(
      `the arrivals of ${question.tenant} differ between ${a.name} and ${b.name}`,
      'run both with the same trace and seed',
    );
  }
  const both = rowsA
    .map((rowA, i) => [latencyMs(a.log, rowA), latencyMs(b.log, rowsB[i]!)] as const)
    .filter(([first, second]) => !Number.isNaN(first) && !Number.isNaN(second));
  const figures = (pick: 0 | 1) =>
    batchFigures(
      Float64Array.from(both, (pair) => pair[pick]),
      question.percentile,
    );
  const what = question.percentile === undefined ? 'mean latency' : `p${question.percentile} latency`;
  return comparePaired({
    what: `${what} of ${question.tenant}`,
    unit: 'ms',
    nameA: a.name,
    nameB: b.name,
    a: figures(0),
    b: figures(1),
    pairs: 'batches',
  });
}

function rowsOf({ name, log }: NamedLog, { tenant, warmUpUs }: LatencyQuestion): number[] {
  const index = log.tenants.indexOf(tenant);
  if (index === -1) throw InputError.of(`${name} has no tenant ${tenant}`);
  const rows: number[] = [];
  for (let row = 0; row < log.tenant.length; row++) {
    if (log.tenant[row] === index && log.plannedUs[row]! >= warmUpUs) rows.push(row);
  }
  return rows;
}

function planned({ log }: NamedLog, row: number): number {
  return log.plannedUs[row]!;
}

function latencyMs(log: RequestLog, row: number): number {
  if (log.outcome[row] !== Outcome.completed) return Number.NaN;
  return (log.endedUs[row]! - log.plannedUs[row]!) / 1000;
}

function batchFigures(series: Float64Array, percentile: number | undefined): number[] {
  const batches = batchCount(series.length);
  if (percentile === undefined) return batchMeans(series, batches);
  return Array.from({ length: batches }, (_, batch) => {
    const start = batchStart(batch, batches, series.length);
    const end = batchStart(batch + 1, batches, series.length);
    return quantiles(series.subarray(start, end), [percentile / 100])[0]!;
  });
}
