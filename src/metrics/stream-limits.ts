import { given } from '../base/given.js';
import type { Slo } from '../scenario/scenario.js';
import type { ResponseColumns } from '../trace/request-log.js';
import { limitUsOf } from './same-latency.js';

/** What an SLO asks of a stream of responses, besides its end. */
export type StreamSlo = Pick<Slo, 'firstResponseMs' | 'betweenResponsesMs'>;

/** Whether a completed request that began then and ended then keeps the limits; `row` is its row in the columns. */
type KeepsLimits = (beganUs: number, endedUs: number, row: number) => boolean;

/** The limits of an SLO on responses; undefined where it has none. Without columns each request had one response, with its end. */
export function streamLimits(
  { firstResponseMs = Number.POSITIVE_INFINITY, betweenResponsesMs = Number.POSITIVE_INFINITY }: StreamSlo,
  responses: ResponseColumns | undefined,
): KeepsLimits | undefined {
  const [firstUs, betweenUs] = [limitUsOf(firstResponseMs), limitUsOf(betweenResponsesMs)];
  if (firstUs === Number.POSITIVE_INFINITY && betweenUs === Number.POSITIVE_INFINITY) return undefined;
  return (beganUs, endedUs, row) => {
    const count = responses?.count[row] ?? 1;
    // Of one without a response its end is all that can be late.
    const first = count === 0 ? endedUs : (responses?.firstUs[row] ?? endedUs);
    const last = responses?.lastUs?.[row] ?? endedUs;
    return first - beganUs <= firstUs && (count <= 1 || (last - first) / (count - 1) <= betweenUs);
  };
}

/** The limits that an SLO has besides `limitMs`, as they are copied from one value to another. */
export function streamSloOf({ firstResponseMs, betweenResponsesMs }: StreamSlo): StreamSlo {
  return given({ firstResponseMs, betweenResponsesMs });
}

/** `, first response within 500 ms, between responses 50 ms`; nothing where an SLO has no such limits. */
export function streamSloText({ firstResponseMs, betweenResponsesMs }: StreamSlo): string {
  return [
    ...(firstResponseMs === undefined ? [] : [`, first response within ${firstResponseMs} ms`]),
    ...(betweenResponsesMs === undefined ? [] : [`, between responses ${betweenResponsesMs} ms`]),
  ].join('');
}
