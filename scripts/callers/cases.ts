import type { LiveCase } from '../live/scenarios.js';
import type { RepositoryModel } from '../triton/repository-model.js';

const LIMIT = { defaultQueuePolicy: { maxQueueSize: 64 } };

/** Models with a queue limit, so that payloads are bound late: without batches, with them, with a queue delay, and a network. */
export const LIMITED: readonly RepositoryModel[] = [
  { kind: 'sleeping', name: 'single', fixedUs: 6000, itemUs: 0, maxBatchSize: 1, dynamicBatching: LIMIT },
  { kind: 'sleeping', name: 'batched', fixedUs: 2000, itemUs: 250, dynamicBatching: LIMIT },
  {
    kind: 'sleeping',
    name: 'held',
    fixedUs: 2000,
    itemUs: 250,
    dynamicBatching: { maxQueueDelayUs: 500, ...LIMIT },
  },
  {
    kind: 'onnx',
    name: 'mobilenet',
    network: { architecture: 'mobilenet_v1', size: 96 },
    dynamicBatching: LIMIT,
  },
];

/** Fewer callers than a batch holds, and more. */
const CALLERS = [1, 4, 16];

/** Requests per second of open loops that keep each model busy for a part of its time. */
const OPEN_PER_S: Readonly<Record<string, number>> = { single: 30, batched: 600, held: 600, mobilenet: 100 };

/** Each model under callers that send as soon as they have their answer, and under an open loop. */
export const CALLER_CASES: readonly LiveCase[] = LIMITED.flatMap(({ name: model, kind }) => {
  const group = kind === 'onnx' ? 'onnx' : 'sleeping';
  const closed = CALLERS.map((concurrency) => ({
    name: `${model}, ${concurrency === 1 ? 'one caller' : `${concurrency} callers`}`,
    group,
    loads: [{ model, load: { closedLoop: { concurrency } } }],
  })) satisfies LiveCase[];
  const ratePerS = OPEN_PER_S[model]!;
  const open = {
    name: `${model}, ${ratePerS}/s`,
    group,
    loads: [{ model, load: { process: { kind: 'poisson', ratePerS } } }],
  } satisfies LiveCase;
  return [...closed, open];
});
