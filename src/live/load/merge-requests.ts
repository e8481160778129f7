import { Outcome } from '../../trace/request-log.js';
import { COLUMNS, emptyColumns, type RequestColumns } from './request-rows.js';

/**
 * The rows of all threads until the end of the run, in order of planned time; at one time in order of
 * tenant, then as sent. What was planned after `endUs` is left out, what was sent after it has not left. Answers of
 * the drain are in it: {@link untilEnd} forgets them.
 */
export function mergeRequests(parts: readonly RequestColumns[], endUs: number): RequestColumns {
  const together = concatenate(parts);
  const { plannedUs, tenant } = together;
  const order = Uint32Array.from(plannedUs.keys())
    .filter((row) => plannedUs[row]! <= endUs)
    .sort((a, b) => plannedUs[a]! - plannedUs[b]! || tenant[a]! - tenant[b]! || a - b);
  const merged = emptyColumns(order.length);
  for (const name of COLUMNS) {
    const [to, from] = [merged[name], together[name]];
    for (let row = 0; row < order.length; row++) to[row] = from[order[row]!]!;
  }
  for (const [row, us] of merged.sentUs.entries()) {
    if (!(us > endUs)) continue;
    merged.sentUs[row] = Number.NaN;
    forgetAnswer(merged, row);
  }
  return merged;
}

/** The same rows as they stood at the end of the run: what was answered then or later is unfinished. */
export function untilEnd(requests: RequestColumns, endUs: number): RequestColumns {
  const then = { ...requests, endedUs: requests.endedUs.slice(), outcome: requests.outcome.slice() };
  for (const [row, us] of then.endedUs.entries()) if (us >= endUs) forgetAnswer(then, row);
  return then;
}

function forgetAnswer({ endedUs, outcome }: RequestColumns, row: number): void {
  endedUs[row] = Number.NaN;
  outcome[row] = Outcome.unfinished;
}

function concatenate(parts: readonly RequestColumns[]): RequestColumns {
  if (parts.length === 1) return parts[0]!;
  const all = emptyColumns(parts.reduce((sum, { plannedUs }) => sum + plannedUs.length, 0));
  let at = 0;
  for (const part of parts) {
    for (const name of COLUMNS) all[name].set(part[name], at);
    at += part.plannedUs.length;
  }
  return all;
}
