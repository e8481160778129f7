import type { RequestLog } from '../../trace/request-log.js';
import { callsOf, type ExportWindow, endOf, outcomeOf, requestsIn } from './log-rows.js';

type Event = Readonly<Record<string, unknown>>;

/**
 * A request log as Chrome's trace events, which ui.perfetto.dev opens: a process for each server with a track for each instance and
 * its executions, and one of clients with a track for each tenant and its requests. In parts, as a long run is a long text.
 */
export function* logToPerfetto(log: RequestLog, window: ExportWindow = {}): Generator<string> {
  yield '{"displayTimeUnit":"ms","traceEvents":[\n';
  yield JSON.stringify(named('process_name', { pid: CLIENTS }, 'clients'));
  const tracks = new Tracks();
  for (const request of requestsIn(log, window)) {
    const events = [...requestEvents(log, request), ...executionEvents(log, request, tracks)];
    yield events.map((event) => `,\n${JSON.stringify(event)}`).join('');
  }
  yield '\n]}\n';
}

const CLIENTS = 1;

const named = (kind: string, place: object, name: string): Event => ({
  ph: 'M',
  name: kind,
  ...place,
  args: { name },
});

/** Requests overlap: each is a pair of asynchronous events, with the wait of each call in a queue below it. */
function requestEvents(log: RequestLog, request: number): Event[] {
  const tenant = log.tenants[log.tenant[request]!]!;
  const span = (name: string, startUs: number, endUs: number, args: object): Event[] => {
    const id = { cat: tenant, id: request, pid: CLIENTS, tid: 0, name };
    return [
      { ph: 'b', ts: microseconds(startUs), ...id, args },
      { ph: 'e', ts: microseconds(endUs), ...id },
    ];
  };
  const about = { request, inferences: log.batchSize[request], outcome: outcomeOf(log, request) };
  const endUs = endOf(log, request);
  const events = span(tenant, log.plannedUs[request]!, endUs, about);
  const [begin, end] = events as [Event, Event];
  const waits = callsOf(log, request).flatMap(({ model, queuedUs, startedUs }) =>
    span(`queue of ${model}`, queuedUs, Number.isNaN(startedUs) ? endUs : startedUs, {}),
  );
  return [begin, ...waits, end];
}

/** Executions of an instance, each told once however many calls it worked for. */
function executionEvents(log: RequestLog, request: number, tracks: Tracks): Event[] {
  const { calls } = log;
  return callsOf(log, request).flatMap(({ call, server, model, startedUs, executionUs }) => {
    const execution = calls.execution[call]!;
    if (execution < 0 || Number.isNaN(startedUs + executionUs) || !tracks.isNew(execution)) return [];
    const { place, events } = tracks.of(server, model, calls.instance[call]!);
    const batch = calls.executedBatch[call]!;
    const args = { execution, batch };
    const parts = [
      { name: 'input', us: calls.inputUs[call]! },
      { name: 'infer', us: calls.inferUs[call]! },
      { name: 'output', us: calls.outputUs[call]! },
    ];
    let us = startedUs;
    const inside = parts.flatMap(({ name, us: lengthUs }) => {
      const beganUs = us;
      us += lengthUs;
      return lengthUs > 0 ? [complete(name, beganUs, us, place)] : [];
    });
    return [...events, { ...complete(`${model} × ${batch}`, startedUs, us, place), args }, ...inside];
  });
}

/** Perfetto drops what reaches beyond the event around it, if by a nanosecond: ends are rounded, not lengths. */
const complete = (name: string, startUs: number, endUs: number, place: object): Event => ({
  ph: 'X',
  name,
  ts: microseconds(startUs),
  dur: microseconds(microseconds(endUs) - microseconds(startUs)),
  ...place,
});

/** To the nanosecond. */
const microseconds = (us: number): number => Math.round(us * 1000) / 1000;

/** Numbers of servers (processes) and instances (threads), with the events that name them at their first use. */
class Tracks {
  readonly #servers = new Map<string, number>();
  readonly #instances = new Map<string, number>();
  readonly #executions = new Set<number>();

  isNew(execution: number): boolean {
    if (this.#executions.has(execution)) return false;
    this.#executions.add(execution);
    return true;
  }

  of(server: string, model: string, instance: number): { place: object; events: Event[] } {
    const events: Event[] = [];
    let pid = this.#servers.get(server);
    if (pid === undefined) {
      pid = CLIENTS + 1 + this.#servers.size;
      this.#servers.set(server, pid);
      events.push(named('process_name', { pid }, server));
    }
    const key = JSON.stringify([server, model, instance]);
    let tid = this.#instances.get(key);
    if (tid === undefined) {
      tid = 1 + this.#instances.size;
      this.#instances.set(key, tid);
      events.push(named('thread_name', { pid, tid }, `${model} instance ${instance}`));
    }
    return { place: { pid, tid }, events };
  }
}
