import type { SummaryObservation } from '../../src/calibrate/summary/observation.js';

/**
 * The throughput that perf_analyzer shows where a window ends after so many requests. It sleeps whole seconds until it has seen
 * them. The window is so many seconds long and lies in the middle between the first sending and the last answer that it saw
 * (`inference_profiler.cc`, `MeasurementTimestamp`): it begins half a latency before the first answer, which it never makes up.
 */
export function shownPerS(
  { inferencesPerS, requestBatch, meanLatencyMs }: SummaryObservation,
  countedRequests: number | undefined,
): number {
  if (countedRequests === undefined) return inferencesPerS;
  const windowS = Math.max(1, Math.ceil((countedRequests * requestBatch) / inferencesPerS));
  return inferencesPerS * Math.max(0, 1 - meanLatencyMs / 2000 / windowS);
}

/** A closed loop's row with the throughput that its latency tells: what the window has lost is in it. */
export function withoutWindow(row: SummaryObservation): SummaryObservation {
  const { concurrency, requestBatch, meanLatencyMs } = row;
  return { ...row, inferencesPerS: (1000 * concurrency * requestBatch) / meanLatencyMs };
}
