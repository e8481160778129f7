import { mean, sampleStandardDeviation } from 'simple-statistics';
import { InputError, type Place, ProblemList } from '../../base/problem.js';
import type { Interference } from '../../profile/profile.js';
import { serviceTime, totalMs } from '../../profile/service-time.js';
import { readTritonTrace } from '../../trace/import/triton-trace.js';
import { fitLine } from '../weighted-line.js';
import { lengthNs, mostAtOnce, union } from './busy-time.js';
import { type DeviceTraffic, devicesOf } from './device-traffic.js';
import { heldNs, rebuildExecutions, type TracedExecution, type TracedModel } from './executions.js';
import { fitServicePoints, type SoloExecution } from './service-points.js';
import { type FittedSlowdown, fitSlowdowns, slowingFactors, soloWork } from './slowdowns.js';
import { slowdownSentences, type TritonTraceOptions, traceSentences } from './trace-notes.js';
import { type TrafficFacts, type TrafficFit, trafficProfile } from './traffic-profile.js';

/**
 * Calibrates every model of a Triton trace file of production traffic: service time by batch size,
 * spread, response and front-end time, and the slowdown beside the other models of the file. Nothing
 * is asked of the server, and no load is sent to it.
 *
 * Batches can only be put together where every request was traced; with a `traceRate` above 1 models
 * that batch are refused.
 *
 * @throws InputError for a file that is no trace, has no executions, or is too thin for what was asked
 */
export function calibrateFromTritonTrace(
  text: string,
  facts: TrafficFacts,
  options: TritonTraceOptions = {},
): TrafficFit[] {
  const place = options.file === undefined ? {} : { file: options.file };
  const { models, withoutExecution } = rebuildExecutions(readTritonTrace(text, place));
  if (models.length === 0) {
    throw InputError.of(
      'no request of the trace has the times of an execution',
      'trace with level=TIMESTAMPS and rate=1',
      place,
    );
  }
  requireWholeBatches(models, facts, options, place);
  requireAllowedBatches(models, facts, options, place);
  const isAlone = options.sharing === 'exclusive' || isBlind(options);
  const traffic = devicesOf(models, facts, isAlone);
  const lost =
    withoutExecution === 0
      ? []
      : [
          `${withoutExecution} traced requests were not executed and are left out (failed, cached, ensembles).`,
        ];
  const blind = isBlind(options) && models.length > 1 ? [UNKNOWN_COMPANY] : [];
  return models.map((model) =>
    fitModel(model, traffic(model), { facts, options, notes: [...blind, ...lost] }),
  );
}

/** Of a thinned trace most co-runners are missing: what ran beside what is not known. */
function isBlind({ sharing = SHARED, traceRate = 1 }: TritonTraceOptions): boolean {
  return sharing !== 'exclusive' && traceRate > 1;
}

const UNKNOWN_COMPANY =
  'What ran beside it is not known of a thinned trace: service times include what the other models cost it.';

/** @throws InputError for the models whose batches the trace cannot show */
function requireWholeBatches(
  models: readonly TracedModel[],
  facts: TrafficFacts,
  { traceRate = 1 }: TritonTraceOptions,
  place: Place,
): void {
  if (traceRate === 1) return;
  const problems = new ProblemList(place);
  for (const { model } of models) {
    const config = facts.configs?.get(model);
    if (config !== undefined && (config.dynamicBatching === undefined || config.maxBatchSize <= 1)) continue;
    problems.add({
      what: `one request in ${traceRate} was traced, so the batches of ${model} cannot be put together`,
      remedy: 'trace with rate=1 for some seconds, or give the config.pbtxt of a model that does not batch',
    });
  }
  problems.throwIfAny();
}

/**
 * How many inferences a request has is said once for all models of a file, and need not be so for each.
 * @throws InputError for the models that executed more than their configuration allows
 */
function requireAllowedBatches(
  models: readonly TracedModel[],
  { configs }: TrafficFacts,
  { requestBatch = 1 }: TritonTraceOptions,
  place: Place,
): void {
  const problems = new ProblemList(place);
  for (const { model, executions } of models) {
    const requests = executions.reduce((most, each) => Math.max(most, each.requests), 0);
    // Triton may have completed a configuration that says nothing.
    const most = configs?.get(model)?.maxBatchSize || Number.POSITIVE_INFINITY;
    if (requests * requestBatch <= most) continue;
    problems.add({
      what: `${model} executed ${requests} requests at once: of ${requestBatch} inferences each that is more than its max_batch_size of ${most}`,
      remedy:
        requestBatch === 1
          ? 'give the config.pbtxt that it was served with'
          : 'leave its requests out of the file, or give the file without them: --request-batch counts for all models of it',
    });
  }
  problems.throwIfAny();
}

const SHARED = 'streams';

interface FitContext {
  readonly facts: TrafficFacts;
  readonly options: TritonTraceOptions;
  /** One sentence each, for all models. */
  readonly notes: readonly string[];
}

function fitModel(
  traced: TracedModel,
  traffic: DeviceTraffic,
  { facts, options, notes }: FitContext,
): TrafficFit {
  const { model, executions } = traced;
  const { requestBatch = 1, sharing } = options;
  const slowdowns = slowdownsOf(traced, traffic, requestBatch);
  const solo = soloExecutions(traced, traffic, { requestBatch, slowdowns });
  const service = fitWithoutFirst(solo);
  const maxInstances = Math.max(1, mostAtOnce(executions.map(heldNs)));
  return trafficProfile(
    model,
    {
      service: service.points,
      spread: service.spread,
      response: responseOf(executions),
      frontEnd: frontEndOf(traced.frontEndUs),
      interference: interferenceOf(slowdowns, traffic.models, model),
      region: {
        maxUtilization: busyShare(traffic.models, options),
        maxInstances,
        sharing: [sharing ?? (traffic.models.length === 1 && maxInstances === 1 ? 'exclusive' : SHARED)],
      },
      loadMs: 0,
      firstInferenceMs: service.firstInferenceMs,
    },
    facts,
    [
      ...service.uncertain,
      ...slowdownSentences(slowdowns, traffic.models, maxInstances > 1 ? undefined : model),
      ...traceSentences(traced, facts, options),
      ...notes,
    ],
  );
}

/** Executions that are enough for the slowdowns: more take longer and say little more. */
const MOST_FOR_SLOWDOWNS = 20_000;

function slowdownsOf(
  { executions }: TracedModel,
  { beside, offset }: DeviceTraffic,
  requestBatch: number,
): readonly FittedSlowdown[] {
  const step = Math.ceil(executions.length / MOST_FOR_SLOWDOWNS);
  const sample = executions.flatMap(({ requests }, i) =>
    i % step === 0 ? [{ batchSize: requests * requestBatch, times: beside.times[offset + i]! }] : [],
  );
  return fitSlowdowns(sample, beside.states);
}

/** The executions as they would have been alone: the time of the inference phase without the slowdowns. */
function soloExecutions(
  { executions }: TracedModel,
  { beside, offset }: DeviceTraffic,
  {
    requestBatch,
    slowdowns,
  }: { readonly requestBatch: number; readonly slowdowns: readonly FittedSlowdown[] },
): readonly SoloExecution[] {
  const excess = new Array<number>(beside.states[0]?.length ?? 0).fill(0);
  for (const { kind, slowdown } of slowdowns) excess[kind] = slowdown - 1;
  const factors = slowingFactors(beside.states, excess);
  return executions.map(({ requests, startNs, inputEndNs, outputStartNs, endNs }, i) => ({
    batchSize: requests * requestBatch,
    inputMs: (inputEndNs - startNs) / 1e6,
    inferMs: soloWork(beside.times[offset + i]!, factors) / 1e6,
    outputMs: (endNs - outputStartNs) / 1e6,
  }));
}

/** A first execution this many times as long as its like was a cold one. */
const COLD = 3;

/** The first execution of a freshly loaded model is no sample of its service time. */
function fitWithoutFirst(executions: readonly SoloExecution[]) {
  const [first, ...rest] = executions as [SoloExecution, ...SoloExecution[]];
  const uncertain = (omitted: readonly number[]) =>
    omitted.length === 0 ? [] : [`Batches of ${omitted.join(', ')} were too few for points of their own.`];
  if (rest.length > 0) {
    const fit = fitServicePoints(rest);
    const expected = totalMs(serviceTime({ service: fit.points }, first.batchSize));
    if (totalMs(first) > COLD * expected) {
      const firstInferenceMs = totalMs(first) - expected;
      return { ...fit, firstInferenceMs, uncertain: uncertain(fit.omitted) };
    }
  }
  const fit = fitServicePoints(executions);
  const warm = 'No slow first inference was seen; its cost counts as 0.';
  return { ...fit, firstInferenceMs: 0, uncertain: [...uncertain(fit.omitted), warm] };
}

/** Time on the instance thread after the execution, over the number of requests that are answered in it. */
function responseOf(executions: readonly TracedExecution[]) {
  const byRequests = new Map<number, { sum: number; count: number }>();
  for (const { requests, endNs, releasedNs } of executions) {
    if (Number.isNaN(releasedNs)) continue;
    const entry = byRequests.get(requests) ?? { sum: 0, count: 0 };
    entry.sum += (releasedNs - endNs) / 1000;
    entry.count++;
    byRequests.set(requests, entry);
  }
  if (byRequests.size === 0) return { fixedUs: 0, perRequestUs: 0 };
  const points = [...byRequests]
    .sort(([a], [b]) => a - b)
    .map(([x, { sum, count }]) => ({ x, y: sum / count, weight: count }));
  const { intercept, slope } = fitLine(points);
  return { fixedUs: intercept, perRequestUs: slope };
}

function frontEndOf(frontEndUs: readonly number[]) {
  if (frontEndUs.length === 0) return { perRequestUs: 0 };
  const perRequestUs = mean([...frontEndUs]);
  if (frontEndUs.length < 2 || perRequestUs === 0) return { perRequestUs };
  return { perRequestUs, cv: Math.min(10, sampleStandardDeviation([...frontEndUs]) / perRequestUs) };
}

function interferenceOf(
  slowdowns: readonly FittedSlowdown[],
  models: readonly TracedModel[],
  own: string,
): Interference {
  const named = slowdowns.map(({ kind, slowdown }) => ({ model: models[kind]!.model, slowdown }));
  const self = named.find(({ model }) => model === own);
  return {
    ...(self !== undefined && { self: self.slowdown }),
    pairs: named.filter(({ model }) => model !== own),
  };
}

/** Share of the trace in which an inference phase was on the device; of a thinned trace each stands for those that were not traced. */
function busyShare(models: readonly TracedModel[], { traceRate = 1 }: TritonTraceOptions): number {
  const all = models.flatMap(({ executions }) => executions);
  const fromNs = all.reduce((first, { startNs }) => Math.min(first, startNs), Number.POSITIVE_INFINITY);
  const toNs = all.reduce((last, { endNs }) => Math.max(last, endNs), 0);
  const phases = all.map(({ inputEndNs, outputStartNs }) => ({ fromNs: inputEndNs, toNs: outputStartNs }));
  return toNs > fromNs ? Math.min(1, (traceRate * lengthNs(union(phases))) / (toNs - fromNs)) : 0;
}
