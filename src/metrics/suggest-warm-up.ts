import { deriveColumns, rowsByTenant } from './columns.js';
import type { LoggedRun } from './timeline.js';
import { mser5 } from './warm-up.js';

export interface WarmUpSuggestion {
  /** Requests planned before this should not be counted. */
  readonly warmUpUs: number;
  /** Tenants whose latency never settled; the suggestion is then half of the run or more. */
  readonly unsettled: readonly string[];
}

/** The warm-up that MSER-5 finds for the slowest of the tenants to settle, from a run without one. */
export function suggestWarmUp({ log, tenants }: LoggedRun): WarmUpSuggestion {
  const { latencyUs } = deriveColumns(log, tenants);
  const unsettled: string[] = [];
  let warmUpUs = 0;
  for (const [index, rows] of rowsByTenant(log).entries()) {
    const completed = rows.filter((row) => !Number.isNaN(latencyUs[row]!));
    const { cut, uncertain } = mser5(Float64Array.from(completed, (row) => latencyUs[row]!));
    if (uncertain) unsettled.push(log.tenants[index]!);
    if (cut > 0) warmUpUs = Math.max(warmUpUs, log.plannedUs[completed[cut] ?? completed.at(-1)!]!);
  }
  return { warmUpUs, unsettled };
}
