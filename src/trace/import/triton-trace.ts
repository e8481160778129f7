import { arrayOf, isObject, readJson } from '../../base/json.js';
import { InputError } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import { placeOf } from '../collect.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import type { Trace } from '../trace.js';
import { Arrivals } from './arrivals.js';
import type { ImportOptions } from './options.js';

/** What Triton's trace tells of one request. */
export interface TritonTraceRequest {
  readonly id: number;
  readonly model: string;
  readonly version: number | undefined;
  /** The request that made this one, where it is a step of an ensemble or of a BLS model. */
  readonly parentId: number | undefined;
  /**
   * Time of each point in nanoseconds of the server's clock, by Triton's name (`QUEUE_START`).
   * Requests that ran in one batch have the same COMPUTE_ times.
   */
  readonly ns: ReadonlyMap<string, number>;
}

/**
 * Reads a trace file that Triton wrote (`--trace-config triton,file=…`, level TIMESTAMPS; server
 * docs/user_guide/trace.md): a JSON array of events, in any order, joined here by `id`. Of old
 * servers too, which wrote one event per request and names like `queue start`. Tensor events are
 * passed over.
 *
 * @throws InputError with the path of every problem
 */
export function readTritonTrace(text: string, options: ImportOptions = {}): TritonTraceRequest[] {
  const place = placeOf(options);
  const events = arrayOf(readJson(text, place));
  if (events === undefined) throw InputError.of('the file is not a JSON array of events', REMEDY, place);
  const problems = new RowProblems(place);
  const requests = new Map<number, Draft>();
  for (const [index, event] of events.entries()) addEvent(event, `[${index}]`, requests, problems);
  problems.throwIfAny();
  const found = [...requests.values()];
  const twice = found.filter(({ startsTwice }) => startsTwice);
  if (twice.length > 0) {
    const ids = `${twice.length} of the ids, the first ${twice[0]!.id}`;
    throw InputError.of(`two requests have the same id (${ids})`, ONE_SERVER, place);
  }
  for (const request of found) {
    if (request.model === UNNAMED)
      problems.add({ what: `request ${request.id} has no event with its model_name` });
  }
  problems.throwIfAny();
  return found;
}

/**
 * The arrivals at the server: each model is a tenant, time 0 is the first arrival. An arrival is
 * the end of reading the request, or the first later point that was traced. Requests which other
 * requests made are left out. Triton traces one request in `rate` (1000 unless set), so the rate
 * of the trace is that much below the server's.
 *
 * @throws InputError as {@link readTritonTrace}, and for a request without a time
 */
export function importTritonTrace(text: string, options: ImportOptions = {}): Trace {
  const problems = new RowProblems(placeOf(options));
  const requests = readTritonTrace(text, options).filter((request) => request.parentId === undefined);
  const stamps = requests.map((request) => {
    const name = ARRIVAL_POINTS.find((point) => request.ns.has(point));
    if (name !== undefined) return request.ns.get(name) as number;
    problems.add({
      what: `request ${request.id} (${request.model}) has no time of arrival`,
      remedy: 'trace with level TIMESTAMPS',
    });
    return 0;
  });
  problems.throwIfAny();
  const startNs = stamps.reduce((first, ns) => Math.min(first, ns), Number.POSITIVE_INFINITY);
  const arrivals = new Arrivals(options);
  for (const [index, { model }] of requests.entries())
    arrivals.add(Math.round((stamps[index]! - startNs) / 1000), model);
  return arrivals.toTrace('Triton trace');
}

/** Ids count from 1 each time a server starts. */
const ONE_SERVER = 'put together files of one server only, and none of before it was started anew';

const REMEDY = 'give a file that tritonserver wrote with --trace-config triton,file=…';

/** Points that can stand for the arrival, earliest first. GRPC_WAITREAD_START includes idle waiting. */
const ARRIVAL_POINTS = [
  'HTTP_RECV_END',
  'GRPC_WAITREAD_END',
  'REQUEST_START',
  'REQUEST_HANDLER_START',
  'QUEUE_START',
];

/** Points at which a request is once. */
const ONCE: ReadonlySet<string> = new Set(['REQUEST_START', 'QUEUE_START']);

type Draft = { -readonly [Key in keyof Omit<TritonTraceRequest, 'ns'>]: TritonTraceRequest[Key] } & {
  startsTwice: boolean;
  readonly ns: Map<string, number>;
};

/** The model of a request of which no event has named it yet. */
const UNNAMED = '';

function addEvent(event: unknown, path: string, requests: Map<number, Draft>, problems: RowProblems): void {
  if (!isObject(event) || !Number.isSafeInteger(event['id'])) {
    problems.add({ path, what: 'is not an event with an id', remedy: REMEDY });
    return;
  }
  const id = event['id'] as number;
  const draft = remembered(requests, id, () => newDraft(id));
  const { model_name, model_version, parent_id } = event;
  if (typeof model_name === 'string') draft.model = model_name;
  if (typeof model_version === 'number') draft.version = model_version;
  if (typeof parent_id === 'number') draft.parentId = parent_id;
  for (const [at, stamp] of (arrayOf(event['timestamps']) ?? []).entries()) {
    addStamp(stamp, `${path}.timestamps[${at}]`, draft, problems);
  }
}

function newDraft(id: number): Draft {
  return { id, model: UNNAMED, version: undefined, parentId: undefined, startsTwice: false, ns: new Map() };
}

function addStamp(stamp: unknown, path: string, draft: Draft, problems: RowProblems): void {
  const { name, ns } = isObject(stamp) ? stamp : {};
  if (typeof name !== 'string' || typeof ns !== 'number' || !(ns >= 0)) {
    problems.add({ path, what: `${quoteValue(JSON.stringify(stamp))} is not a name with a time in ns` });
    return;
  }
  const point = name.toUpperCase().replaceAll(' ', '_');
  if (ONCE.has(point) && (draft.ns.get(point) ?? ns) !== ns) draft.startsTwice = true;
  draft.ns.set(point, ns);
}
