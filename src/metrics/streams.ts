import { Outcome } from '../trace/request-log.js';
import { summarizeLatency } from './latency-summary.js';
import { seriesFigures } from './statistics/intervals.js';
import type { StreamSummary } from './summary.js';
import type { Scope } from './tenant-summary.js';

export type StreamScope = Pick<Scope, 'log' | 'rows' | 'fromUs'> & {
  /** By tenant, whether its latency counts from sending. */
  readonly columns: Pick<Scope['columns'], 'isFromSent'>;
};

/** What clients got of streams of responses; undefined where every request had one response. */
export function summarizeStreams({ log, columns, rows, fromUs }: StreamScope): StreamSummary | undefined {
  const { responses } = log;
  if (responses === undefined) return undefined;
  const counted = rows.filter(
    (row) =>
      log.outcome[row] === Outcome.completed &&
      log.plannedUs[row]! >= fromUs &&
      log.plannedUs[row]! <= log.endUs,
  );
  const streams = counted.filter((row) => responses.count[row]! > 1);
  if (streams.length === 0) return undefined;
  const latencyOf = (us: Float64Array) => summarizeLatency(us, seriesFigures(us), undefined);
  const beganUs = (row: number) => (columns.isFromSent[log.tenant[row]!] ? log.sentUs : log.plannedUs)[row]!;
  const gapUs = (row: number) => (log.endedUs[row]! - responses.firstUs[row]!) / (responses.count[row]! - 1);
  return {
    requests: streams.length,
    meanResponses: counted.reduce((sum, row) => sum + responses.count[row]!, 0) / counted.length,
    firstResponseMs: latencyOf(Float64Array.from(counted, (row) => responses.firstUs[row]! - beganUs(row))),
    betweenResponsesMs: latencyOf(Float64Array.from(streams, gapUs)),
  };
}
