import type { ModelStatistics } from '../../src/live/inference-client.js';
import type { RequestLog } from '../../src/trace/request-log.js';

/**
 * As Triton counts: success, queue and compute once for each request, which ends when all responses of its execution
 * have been sent; batch rows once for each execution.
 */
export function statisticsOf(log: RequestLog, model: string, rows: readonly number[]): ModelStatistics {
  const duration = (values: readonly number[]) => ({
    count: values.length,
    ns: Math.round(1000 * values.reduce((sum, us) => sum + us, 0)),
  });
  const of = (value: (row: number) => number, which = rows) => duration(which.map(value));
  const first = firstOfExecutions(log, rows);
  const lastSentUs = new Map<number, number>();
  for (const row of rows) {
    const execution = log.calls.execution[row]!;
    lastSentUs.set(execution, Math.max(lastSentUs.get(execution) ?? 0, sentBackUs(log, row)));
  }
  const sizes = [...new Set(first.map((row) => log.calls.executedBatch[row]!))].sort((a, b) => a - b);
  const phases = (which: readonly number[]) => ({
    computeInput: of((row) => log.calls.inputUs[row]!, which),
    computeInfer: of((row) => log.calls.inferUs[row]!, which),
    computeOutput: of((row) => log.calls.outputUs[row]!, which),
  });
  return {
    ...{ model, version: '1' },
    inferenceCount: rows.reduce((sum, row) => sum + log.batchSize[row]!, 0),
    executionCount: first.length,
    success: of((row) => lastSentUs.get(log.calls.execution[row]!)! - log.calls.queuedUs[row]!),
    fail: { count: 0, ns: 0 },
    queue: of((row) => log.calls.startedUs[row]! - log.calls.queuedUs[row]!),
    ...phases(rows),
    batches: sizes.map((batchSize) => ({
      batchSize,
      ...phases(first.filter((row) => log.calls.executedBatch[row] === batchSize)),
    })),
  };
}

/** When a response left the server: the end of its execution's phases, and its turn among the responses. */
function sentBackUs(log: RequestLog, row: number): number {
  const computedUs = log.calls.inputUs[row]! + log.calls.inferUs[row]! + log.calls.outputUs[row]!;
  return log.calls.startedUs[row]! + computedUs + log.calls.responseUs[row]!;
}

export function firstOfExecutions(log: RequestLog, rows: readonly number[]): number[] {
  const seen = new Set<number>();
  return rows.filter((row) => {
    const execution = log.calls.execution[row]!;
    if (seen.has(execution)) return false;
    seen.add(execution);
    return true;
  });
}
