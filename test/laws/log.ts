import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

/** Rows of the log that pass. */
export function rowsWhere(log: RequestLog, keep: (row: number) => boolean): number[] {
  return Array.from(log.tenant.keys()).filter(keep);
}

export function completedRows(log: RequestLog): number[] {
  return rowsWhere(log, (row) => log.outcome[row] === Outcome.completed);
}

/** Rows of each execution. */
export function rowsByExecution(log: RequestLog): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (const row of log.tenant.keys()) {
    const execution = log.calls.execution[row]!;
    if (execution >= 0) rows.set(execution, [...(rows.get(execution) ?? []), row]);
  }
  return rows;
}

/** Largest number of intervals [from, to) that hold at one instant; NaN as an end means never. */
export function mostAtOnce(intervals: readonly (readonly [from: number, to: number])[]): number {
  const steps = intervals.flatMap(([from, to]) => [
    { at: from, step: 1 },
    { at: Number.isNaN(to) ? Infinity : to, step: -1 },
  ]);
  steps.sort((a, b) => a.at - b.at || a.step - b.step);
  let now = 0;
  let most = 0;
  for (const { step } of steps) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}
