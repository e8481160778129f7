import type { ServicePoint } from '../../profile/profile.js';
import type { PhaseTimes } from '../../profile/service-time.js';
import { computeMs, isSolo, type SummaryObservation, type SummarySetup } from './observation.js';

/** From this many bytes on, carrying an inference's inputs shows beside executing it. */
const LARGE_PAYLOAD_BYTES = 64 * 1024;

/** Smallest value of a time that is searched by its logarithm. */
export const LEAST_MS = 1e-4;

/** At least half of a latency is its execution: a search may ask what would be if it were less. */
const LEAST_SERVICE_SHARE = 0.5;

/** Whether sending the inputs is a good part of a latency. */
export function isLargePayload({
  payload,
  sharedMemory,
}: Pick<SummarySetup, 'payload' | 'sharedMemory'>): boolean {
  return payload.requestBytes >= LARGE_PAYLOAD_BYTES && sharedMemory === undefined;
}

/** Rows of one client, the smallest batch first; the last of several rows with one size. */
export function soloRows(observations: readonly SummaryObservation[]): readonly SummaryObservation[] {
  const bySize = new Map(observations.filter(isSolo).map((row) => [row.requestBatch, row]));
  return [...bySize.values()].sort((a, b) => a.requestBatch - b.requestBatch);
}

/** Whether the rows of one client say what of their latency was execution. */
export function isSplit(solo: readonly SummaryObservation[]): boolean {
  return solo.every(({ splitMs }) => splitMs !== undefined);
}

/** What of a lone request's latency is its execution, where so much is outside of it. */
export function serviceMs({ meanLatencyMs }: SummaryObservation, outsideMs: number): number {
  return Math.max(LEAST_SERVICE_SHARE * meanLatencyMs, meanLatencyMs - outsideMs);
}

/** A point of service times that a table tells; of how many executions it is, and how well known, no table says. */
export function tablePoint(batchSize: number, phases: PhaseTimes): ServicePoint {
  return { batchSize, ...phases, executions: 0, relativeError: 0 };
}

/** The execution of a lone request, of a row that splits its latency. */
export function splitPoint({ requestBatch, splitMs }: SummaryObservation): ServicePoint {
  const { input, infer, output } = splitMs!;
  return tablePoint(requestBatch, { inputMs: input, inferMs: infer, outputMs: output });
}

/** Milliseconds of execution by inference. */
export interface PerInference {
  readonly input: number;
  readonly infer: number;
  readonly output: number;
  readonly total: number;
}

/**
 * Milliseconds per inference, from the batches that ran: by Little's law throughput x time = what is in execution. Only for a
 * row that splits its latency.
 */
export function perInference(
  { splitMs, inferencesPerS }: SummaryObservation,
  { instances, devices = 1 }: SummarySetup,
): PerInference {
  const total = computeMs(splitMs!);
  const batch = Math.max(1, (inferencesPerS * total) / 1000 / (instances * devices));
  const { input, infer, output } = splitMs!;
  return { input: input / batch, infer: infer / batch, output: output / batch, total: total / batch };
}
