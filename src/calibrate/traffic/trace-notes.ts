import { activeInstances, instancesSideBySide } from '../experiment.js';
import { coveredNs, lengthNs, type Span, union } from './busy-time.js';
import { heldNs, type TracedModel } from './executions.js';
import type { FittedSlowdown } from './slowdowns.js';
import type { TrafficFacts } from './traffic-profile.js';

export interface TritonTraceOptions {
  readonly file?: string;
  /** Inferences in each request: a trace of level TIMESTAMPS does not hold it. Default 1. */
  readonly requestBatch?: number;
  /** The server traced one request in this many (`rate` of `--trace-config`). Default 1. */
  readonly traceRate?: number;
  /** How the device was shared; `exclusive`: each model had one of its own. Default `streams`. */
  readonly sharing?: string;
}

/** `alone`: a model that never ran beside itself, of which no slowdown is missed. */
export function slowdownSentences(
  slowdowns: readonly FittedSlowdown[],
  models: readonly TracedModel[],
  alone: string | undefined,
): readonly string[] {
  const rough = slowdowns
    .filter(({ slowdown, halfWidth }) => !(halfWidth <= 0.25 * slowdown))
    .map(
      ({ kind, slowdown, halfWidth }) =>
        `The slowdown beside ${models[kind]!.model} is rough: ${slowdown.toFixed(2)} ±${Number.isFinite(halfWidth) ? halfWidth.toFixed(2) : 'unknown'}.`,
    );
  const missing = models.filter(
    ({ model }, kind) => model !== alone && !slowdowns.some((fitted) => fitted.kind === kind),
  );
  if (missing.length === 0) return rough;
  return [
    ...rough,
    `It ran too seldom beside ${missing.map(({ model }) => model).join(', ')} for a slowdown.`,
  ];
}

/**
 * Share of the waiting during which traced executions ran: where it is less, others must have been running that were not
 * traced.
 */
const LEAST_COVERED = 0.5;

/** What a reader of the profile must know of what the trace did not hold. */
export function traceSentences(
  { executions, waits, model, frontEndUs }: TracedModel,
  { configs }: TrafficFacts,
  { requestBatch, traceRate = 1 }: TritonTraceOptions,
): readonly string[] {
  const sentences: string[] = [];
  if (requestBatch === undefined) {
    sentences.push('Each request counts as one inference: the trace does not hold the batch of a request.');
  }
  const config = configs?.get(model);
  if (config !== undefined && activeInstances(config) > instancesSideBySide(config)) {
    sentences.push(
      'Its instances are on several GPUs, and the trace does not say which ran where: all that ran at once count as side by side, which makes what they cost each other too small.',
    );
  }
  if (frontEndUs.length === 0) sentences.push('The time in the front end was not traced and counts as 0.');
  if (executions.every(({ releasedNs }) => Number.isNaN(releasedNs))) {
    sentences.push('When requests were done with was not traced: responses count as taking no time.');
  }
  const delayNs = 1000 * (config?.dynamicBatching?.maxQueueDelayUs ?? 0);
  const long = waits
    .map(({ fromNs, toNs }): Span => ({ fromNs: fromNs + delayNs + OVERHEAD_NS, toNs }))
    .filter(({ fromNs, toNs }) => toNs > fromNs);
  const waitedNs = lengthNs(long);
  const busy = union(executions.map(heldNs));
  const covered = waitedNs > 0 ? coveredNs(long, busy) / waitedNs : 1;
  if (traceRate === 1 && covered < LEAST_COVERED) {
    const idle = ((1 - covered) * 100).toFixed(0);
    sentences.push(
      `${idle} % of the waiting lies where no traced execution ran: if not every request was traced (rate=1), batches are too small here.`,
    );
  }
  return sentences;
}

/** Waiting that batcher and instance need to hand a request over. */
const OVERHEAD_NS = 500_000;
