import type {
  ServedTable,
  SummaryObservation,
  SummarySetup,
} from '../../src/calibrate/summary/observation.js';
import type { SummaryParameters } from '../../src/calibrate/summary/parameters.js';
import { LEAST_HANDLER_MS } from '../../src/calibrate/summary/summary-profile.js';
import {
  isLargePayload,
  isSplit,
  LEAST_MS,
  serviceMs,
  soloRows,
  splitPoint,
  tablePoint,
} from '../../src/calibrate/summary/table-rows.js';
import type { ServicePoint } from '../../src/profile/profile.js';

/**
 * What several models on one machine have in common: the network delay to the server and its front end. Times that go by bytes are milliseconds per 1024 bytes of a request's inputs.
 */
export interface SharedFrontEnd {
  /** Time of the part of the request path that requests pass one after another. */
  readonly serialMsPerKb: number;
  /** Time of the parts that requests go through side by side. */
  readonly parallelMsPerKb: number;
  /** Copying into the batch and to the GPU, by the instance's thread. */
  readonly inputMsPerKb: number;
  /** Building one response. */
  readonly responseMs: number;
  /** Both directions together, whatever is carried. */
  readonly roundTripMs: number;
}

/** Kilobytes of one inference's inputs; one where the source does not tell. */
export function kilobytesOf({ payload }: SummarySetup): number {
  return payload.requestBytes > 0 ? payload.requestBytes / 1024 : 1;
}

/**
 * The parameters of one table under a front end. Service times are the table's own rows of one client: their
 * execution where they split the latency, else all of it but what the front end takes.
 */
export function parametersUnder(
  frontEnd: SharedFrontEnd,
  { setup, observations }: ServedTable,
): SummaryParameters {
  const kilobytes = kilobytesOf(setup);
  const { responseMs } = frontEnd;
  const handlerMs = Math.max(LEAST_HANDLER_MS, frontEnd.serialMsPerKb * kilobytes);
  const parallelMs = setup.sharedMemory === undefined ? frontEnd.parallelMsPerKb * kilobytes : 0;
  const solo = soloRows(observations);
  // A size that is not known cannot grow with the request.
  const carriedMs = (requestBatch: number) => {
    if (setup.soloSharedMemory !== undefined) return LEAST_HANDLER_MS;
    const inferences = setup.payload.requestBytes > 0 ? requestBatch : 1;
    const serialMs = Math.max(LEAST_HANDLER_MS, frontEnd.serialMsPerKb * kilobytes * inferences);
    return serialMs + parallelMs * inferences;
  };
  // The side-by-side part of a request of one inference, of which loops are made, delays it and nothing else.
  const common = { responseMs, handlerMs, linkMs: 0 };
  if (isSplit(solo)) {
    const { requestBatch, splitMs } = solo[0]!;
    const fixedMs = Math.max(LEAST_MS, splitMs!.outside - responseMs - carriedMs(requestBatch));
    const points = solo.map(splitPoint);
    return { ...common, roundTripMs: fixedMs + parallelMs, service: { kind: 'table', points } };
  }
  const { roundTripMs } = frontEnd;
  const points = wholePoints(solo, setup, {
    fixedMs: roundTripMs + responseMs,
    carriedMs,
    inputMs: frontEnd.inputMsPerKb * kilobytes,
  });
  return { ...common, roundTripMs: roundTripMs + parallelMs, service: { kind: 'table', points } };
}

interface Outside {
  readonly fixedMs: number;
  /** Of a request of so many inferences. */
  readonly carriedMs: (requestBatch: number) => number;
  /** Part of the execution, of one inference. */
  readonly inputMs: number;
}

/**
 * Latency less what is outside. Where inputs are large, only up to the batch of the highest throughput: beyond
 * it an inference of one client costs more, not because a GPU is slower at larger batches but because a single
 * request of tens of megabytes outgrows caches and buffers, which the many small requests that form the same
 * batch online do not. From there the line through the smallest and that batch goes on.
 */
function wholePoints(
  solo: readonly SummaryObservation[],
  setup: SummarySetup,
  { fixedMs, carriedMs, inputMs }: Outside,
): readonly ServicePoint[] {
  const totalMs = (row: SummaryObservation) => serviceMs(row, fixedMs + carriedMs(row.requestBatch));
  const line = isLargePayload(setup) ? bestBatchLine(solo) : undefined;
  return solo.map((row) => {
    const { requestBatch } = row;
    const beyond = line !== undefined && requestBatch > line.best.requestBatch;
    const total = beyond ? onLine(line, totalMs, requestBatch) : totalMs(row);
    const input = Math.min(total / 2, inputMs * requestBatch);
    // Nothing was copied of what lay on the GPU: copies come on top of what the table tells.
    const inferMs = setup.soloSharedMemory === 'cuda' ? total : total - input;
    return tablePoint(requestBatch, { inputMs: input, inferMs, outputMs: 0 });
  });
}

interface Line {
  readonly smallest: SummaryObservation;
  readonly best: SummaryObservation;
}

/** None where the smallest batch is the best. */
function bestBatchLine(solo: readonly SummaryObservation[]): Line | undefined {
  const perMs = ({ requestBatch, meanLatencyMs }: SummaryObservation) => requestBatch / meanLatencyMs;
  const smallest = solo[0]!;
  const best = solo.reduce((a, b) => (perMs(b) > perMs(a) ? b : a));
  return best === smallest ? undefined : { smallest, best };
}

function onLine(
  { smallest, best }: Line,
  totalMs: (row: SummaryObservation) => number,
  batchSize: number,
): number {
  const slope = (totalMs(best) - totalMs(smallest)) / (best.requestBatch - smallest.requestBatch);
  return totalMs(best) + slope * (batchSize - best.requestBatch);
}

/** Milliseconds of a lone request by inference, from the rows that {@link parametersUnder} takes as they are. */
export function soloSlopeMs(solo: readonly SummaryObservation[]): number {
  const line = bestBatchLine(solo);
  if (line === undefined) return solo[0]!.meanLatencyMs / solo[0]!.requestBatch;
  return (
    onLine(line, ({ meanLatencyMs }) => meanLatencyMs, 1 + line.best.requestBatch) - line.best.meanLatencyMs
  );
}
