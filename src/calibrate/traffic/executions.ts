import { groupBy } from '../../base/group-by.js';
import type { TritonTraceRequest } from '../../trace/import/triton-trace.js';
import type { Span } from './busy-time.js';

/** One execution of a model, put together from the traced requests that ran in it. */
export interface TracedExecution {
  readonly model: string;
  /** Traced requests in it. */
  readonly requests: number;
  readonly startNs: number;
  readonly inputEndNs: number;
  readonly outputStartNs: number;
  readonly endNs: number;
  /** When the last of its requests was done with; NaN where the trace does not say. */
  readonly releasedNs: number;
}

/** Until when an execution held its instance: to its end where the trace does not say when its requests were done with. */
export function heldNs({ startNs, endNs, releasedNs }: TracedExecution): Span {
  return { fromNs: startNs, toNs: Number.isNaN(releasedNs) ? endNs : releasedNs };
}

export interface TracedModel {
  readonly model: string;
  /** In order of their start. */
  readonly executions: readonly TracedExecution[];
  /** Time between the reading of each request and its place in the queue, where traced, in microseconds. */
  readonly frontEndUs: readonly number[];
  /** Span in which each request waited for its execution, where traced. */
  readonly waits: readonly Span[];
}

/** Executions by model, and how many requests tell of none. */
export interface TracedTraffic {
  /** By name. */
  readonly models: readonly TracedModel[];
  /** Requests without the times of an execution: failed, answered from the cache, or ensembles. */
  readonly withoutExecution: number;
}

/**
 * Rebuilds executions: the requests of one batch have the same COMPUTE_ times to the nanosecond
 * (core `InferenceRequest::ReportStatistics` hands the times of the batch to each of its requests).
 * Steps of ensembles count as requests of their own models.
 */
export function rebuildExecutions(requests: readonly TritonTraceRequest[]): TracedTraffic {
  const executed = requests.filter(hasExecution);
  const byModel = groupBy(executed, ({ model }) => model);
  return {
    models: [...byModel.keys()].sort().map((model) => tracedModel(model, byModel.get(model)!)),
    withoutExecution: requests.length - executed.length,
  };
}

const EXECUTION_POINTS = ['COMPUTE_START', 'COMPUTE_INPUT_END', 'COMPUTE_OUTPUT_START', 'COMPUTE_END'];

/** Ends of reading a request, in the order in which they are looked for. */
const READ_POINTS = ['HTTP_RECV_END', 'GRPC_WAITREAD_END', 'REQUEST_START'];

/** The times of an execution, all there and in order. */
function hasExecution({ ns }: TritonTraceRequest): boolean {
  const times = EXECUTION_POINTS.map((point) => ns.get(point) ?? Number.NaN);
  return times.every((time, i) => Number.isFinite(time) && (i === 0 || time >= times[i - 1]!));
}

function tracedModel(model: string, requests: readonly TritonTraceRequest[]): TracedModel {
  const batches = groupBy(requests, ({ version = '', ns }) =>
    [version, ...EXECUTION_POINTS.map((point) => ns.get(point))].join(' '),
  );
  const executions = [...batches.values()].map((batch) => executionOf(model, batch));
  return {
    model,
    executions: executions.sort((a, b) => a.startNs - b.startNs || a.endNs - b.endNs),
    frontEndUs: requests.flatMap(frontEndUs),
    waits: requests.flatMap(waitOf),
  };
}

function executionOf(model: string, batch: readonly TritonTraceRequest[]): TracedExecution {
  const [startNs, inputEndNs, outputStartNs, endNs] = EXECUTION_POINTS.map(
    (point) => batch[0]!.ns.get(point)!,
  ) as [number, number, number, number];
  const releases = batch.map(({ ns }) => ns.get('REQUEST_END') ?? Number.NaN);
  const releasedNs = releases.reduce((last, ns) => Math.max(last, ns), endNs);
  return { model, requests: batch.length, startNs, inputEndNs, outputStartNs, endNs, releasedNs };
}

function frontEndUs({ ns }: TritonTraceRequest): number[] {
  const queued = ns.get('QUEUE_START') ?? Number.NaN;
  const read = READ_POINTS.map((point) => ns.get(point)).find((time) => time !== undefined) ?? Number.NaN;
  return queued >= read ? [(queued - read) / 1000] : [];
}

function waitOf({ ns }: TritonTraceRequest): TracedModel['waits'] {
  const fromNs = ns.get('QUEUE_START') ?? Number.NaN;
  const toNs = ns.get('COMPUTE_START')!;
  return toNs >= fromNs ? [{ fromNs, toNs }] : [];
}
