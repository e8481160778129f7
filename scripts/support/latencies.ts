import { mean } from 'simple-statistics';
import { quantileOfSorted } from '../../src/metrics/statistics/quantiles.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

export interface LatencyFigures {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** With what people call them. */
export const LATENCY_METRICS: readonly (readonly [keyof LatencyFigures, string])[] = [
  ['meanMs', 'mean'],
  ['p50Ms', 'p50'],
  ['p95Ms', 'p95'],
  ['p99Ms', 'p99'],
];

export function latencyFigures(latencyUs: readonly number[]): LatencyFigures {
  const ms = Float64Array.from(latencyUs, (us) => us / 1000).sort();
  const at = (p: number) => quantileOfSorted(ms, p);
  return { meanMs: mean([...ms]), p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

/** Rows of a tenant that were answered, and that `counts` lets through. */
export function answeredRows(
  log: RequestLog,
  tenant: number,
  counts: (row: number) => boolean = () => true,
): number[] {
  return Array.from(log.outcome.keys()).filter(
    (row) => log.tenant[row] === tenant && log.outcome[row] === Outcome.completed && counts(row),
  );
}
