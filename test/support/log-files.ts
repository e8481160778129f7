import { callsToArrow, requestsToArrow } from '../../src/trace/log-table/request-log-arrow.js';
import type { RequestLog } from '../../src/trace/request-log.js';

/** The two files of a log. */
export function requestLogToArrow(log: RequestLog) {
  return { requests: requestsToArrow(log), calls: callsToArrow(log) };
}
