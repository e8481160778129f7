import { InputError } from '../base/problem.js';
import { compareLatency, type NamedLog } from '../metrics/compare-latency.js';
import { rowsOfTenant } from '../metrics/figures/log-rows.js';
import { limitUsOf } from '../metrics/same-latency.js';
import { batchCount, batchMeans } from '../metrics/statistics/intervals.js';
import { comparePaired, type PairedComparison } from '../metrics/statistics/paired.js';
import { streamLimits } from '../metrics/stream-limits.js';
import type { Slo } from '../scenario/scenario.js';
import { Outcome } from '../trace/request-log.js';

/** Two logs of which one tenant is compared, request by request. */
export interface LogPair {
  readonly a: NamedLog;
  readonly b: NamedLog;
  readonly tenant: string;
  readonly warmUpUs: number;
  /** Where latency begins in both runs: when requests were planned (default), or when they left the client. */
  readonly latencyFrom?: 'planned' | 'sent';
}

/** Mean latency, or a percentile of it; undefined where the logs cannot be paired. */
export function pairedLatency(pair: LogPair, percentile?: number): PairedComparison | undefined {
  const { tenant, warmUpUs, latencyFrom } = pair;
  try {
    return compareLatency(pair.a, pair.b, {
      tenant,
      warmUpUs,
      ...(latencyFrom && { latencyFrom }),
      ...(percentile === undefined ? {} : { percentile }),
    });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Share of requests answered within the limits of an SLO, in consecutive batches of the same requests. */
export function pairedAttainment(pair: LogPair, slo: Omit<Slo, 'percentile'>): PairedComparison {
  const series = ({ log }: NamedLog) => {
    const beganUs = pair.latencyFrom === 'sent' ? log.sentUs : log.plannedUs;
    const keepsStream = streamLimits(slo, log.responses);
    const isWithin = (row: number) =>
      log.outcome[row] === Outcome.completed &&
      log.endedUs[row]! - beganUs[row]! <= limitUsOf(slo.limitMs) &&
      keepsStream?.(beganUs[row]!, log.endedUs[row]!, row) !== false;
    const rows = rowsOfTenant(log, pair.tenant, pair.warmUpUs);
    return Float64Array.from(rows, (row) => (isWithin(row) ? 1 : 0));
  };
  const [a, b] = [series(pair.a), series(pair.b)];
  const batches = batchCount(a.length);
  return compareBatches(pair, 'attainment', 'of 1', batchMeans(a, batches), batchMeans(b, batches));
}

/** Requests completed per second in equal slices of both runs. */
export function pairedThroughput(pair: LogPair): PairedComparison {
  return compareBatches(
    pair,
    'throughput',
    'requests/s',
    completionRates(pair, pair.a),
    completionRates(pair, pair.b),
  );
}

const SLICES = 32;

function completionRates({ tenant, warmUpUs }: LogPair, { log }: NamedLog): number[] {
  const counts = new Array<number>(SLICES).fill(0);
  const sliceUs = (log.endUs - warmUpUs) / SLICES;
  for (const row of rowsOfTenant(log, tenant, 0)) {
    const endedUs = log.endedUs[row]!;
    if (log.outcome[row] !== Outcome.completed || endedUs <= warmUpUs || endedUs > log.endUs) continue;
    counts[Math.min(SLICES - 1, Math.floor((endedUs - warmUpUs) / sliceUs))]!++;
  }
  return counts.map((count) => (count * 1e6) / sliceUs);
}

function compareBatches(
  pair: LogPair,
  what: string,
  unit: string,
  a: number[],
  b: number[],
): PairedComparison {
  return comparePaired({
    what: `${what} of ${pair.tenant}`,
    unit,
    nameA: pair.a.name,
    nameB: pair.b.name,
    a,
    b,
    pairs: 'batches',
  });
}
