import { compareLatency, type NamedLog } from '../metrics/compare-latency.js';
import { rowsOfTenant } from '../metrics/figures/log-rows.js';
import { limitUsOf } from '../metrics/same-latency.js';
import { batchCount, batchMeans } from '../metrics/statistics/intervals.js';
import { type PairedDifference, pairedDifference } from '../metrics/statistics/paired.js';
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

/** Mean latency, or a percentile of it, of logs of which `hasSamePlan` holds. */
export function pairedLatency(pair: LogPair, percentile?: number): PairedDifference {
  return compareLatency(pair.a, pair.b, { ...pair, ...(percentile !== undefined && { percentile }) });
}

/** Share of requests answered within the limits of an SLO, in consecutive batches of the same requests. */
export function pairedAttainment(pair: LogPair, slo: Omit<Slo, 'percentile'>): PairedDifference {
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
  return pairedDifference({ a: batchMeans(a, batches), b: batchMeans(b, batches), pairs: 'batches' });
}

/** Requests completed per second in equal slices of both runs. */
export function pairedThroughput(pair: LogPair): PairedDifference {
  return pairedDifference({
    a: completionRates(pair, pair.a),
    b: completionRates(pair, pair.b),
    pairs: 'batches',
  });
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
