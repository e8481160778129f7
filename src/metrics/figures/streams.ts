import { Outcome, type RequestLog } from '../../trace/request-log.js';
import type { StreamSummary } from '../summary.js';
import { latencyOf } from './latency-summary.js';

/**
 * What clients got of streams of responses; undefined where every request had one.
 * @param isFromSent whether the latency of a request counts from sending
 */
export function summarizeStreams(
  log: RequestLog,
  rows: Uint32Array,
  fromUs: number,
  isFromSent: (row: number) => boolean,
): StreamSummary | undefined {
  const { responses } = log;
  if (responses === undefined) return undefined;
  const counted = rows.filter(
    (row) =>
      log.outcome[row] === Outcome.completed &&
      log.plannedUs[row]! >= fromUs &&
      log.plannedUs[row]! <= log.endUs,
  );
  if (counted.every((row) => responses.count[row] === 1)) return undefined;
  const streams = counted.filter((row) => responses.count[row]! > 1);
  const answered = counted.filter((row) => responses.count[row]! > 0);
  const beganUs = (row: number) => (isFromSent(row) ? log.sentUs : log.plannedUs)[row]!;
  const { lastUs = log.endedUs } = responses;
  const gapUs = (row: number) => (lastUs[row]! - responses.firstUs[row]!) / (responses.count[row]! - 1);
  return {
    requests: streams.length,
    meanResponses: counted.reduce((sum, row) => sum + responses.count[row]!, 0) / counted.length,
    firstResponseMs: latencyOf(Float64Array.from(answered, (row) => responses.firstUs[row]! - beganUs(row))),
    betweenResponsesMs: latencyOf(Float64Array.from(streams, gapUs)),
  };
}
