import type { ModelProfile } from '../../profile/profile.js';
import { type DropOutcome, Outcome } from '../../trace/request-log.js';
import type { ComponentSetup } from '../component-run.js';
import type { ModelQueue } from '../server/model-queue.js';
import { computeEndNsOf, FastPathResponses, type TakenOrder } from './fast-path-responses.js';
import type { KnownArrivals } from './known-arrivals.js';

/** One execution as a fast path knows it once its course is known. */
export interface FastPathExecution {
  instance: number;
  /** Its requests: a range of the order in which the batcher took them. */
  from: number;
  to: number;
  batch: number;
  /** Which execution of the component it is, where the sink numbers them. */
  number: number;
  startNs: number;
  inputNs: number;
  /** From the end of the input phase, waiting for the device included. */
  inferNs: number;
  outputNs: number;
  /** Share of its device that it fills by itself; only kept up where others share it. */
  fill: number;
  /** When its inference phase began on the device. */
  inferStartNs: number;
}

/** Core-nanoseconds that an execution which is over at `endNs` takes of its host until the run ends. */
export function coreNsOf(
  execution: FastPathExecution,
  cores: ModelProfile['hostCores'],
  endNs: number,
  runEndNs: number,
): number {
  // Only the last executions of a run. Every other one is counted below, in code that is small for that reason.
  if (!(endNs <= runEndNs)) return coreNsBefore(runEndNs, execution, cores, endNs);
  const inferEndNs = execution.startNs + execution.inputNs + execution.inferNs;
  const computeEndNs = inferEndNs + execution.outputNs;
  return (
    execution.inputNs * cores.input +
    (inferEndNs - execution.inferStartNs) * cores.infer +
    execution.outputNs * cores.output +
    (endNs - computeEndNs) * cores.response
  );
}

/** The same of an execution during which the run ends. */
function coreNsBefore(
  runEndNs: number,
  { startNs, inputNs, inferStartNs, inferNs, outputNs }: FastPathExecution,
  cores: ModelProfile['hostCores'],
  endNs: number,
): number {
  const inferEndNs = startNs + inputNs + inferNs;
  const computeEndNs = inferEndNs + outputNs;
  return (
    beforeEndNs(startNs, startNs + inputNs, runEndNs) * cores.input +
    beforeEndNs(inferStartNs, inferEndNs, runEndNs) * cores.infer +
    beforeEndNs(inferEndNs, computeEndNs, runEndNs) * cores.output +
    beforeEndNs(computeEndNs, endNs, runEndNs) * cores.response
  );
}

/** Of a phase, as much as lies before the end of the run. */
function beforeEndNs(fromNs: number, toNs: number, runEndNs: number): number {
  return Math.max(0, Math.min(toNs, runEndNs) - fromNs);
}

/** Where a fast path leaves what happened to its requests. */
export interface FastPathSink {
  /** Tells it the fast path's queue, and who takes its requests in another order than that of admission. */
  attach(queue: ModelQueue, taken: TakenOrder | undefined): void;
  started(execution: FastPathExecution): void;
  /** Its inference phase begins on the device at `inferStartNs`. */
  inferring(execution: FastPathExecution): void;
  /** Answers the requests of an execution; gives when the last response has left the instance. */
  answer(execution: FastPathExecution): number;
  /** A request is refused or given up. */
  drop(position: number, outcome: DropOutcome, nowNs: number): void;
}

/** Writes one row per request into the component's table. */
export class TableSink implements FastPathSink {
  readonly #setup: ComponentSetup;
  readonly #model: number;
  readonly #rows: Rows;
  readonly #responseDelayNs: number;
  readonly #responses: FastPathResponses;

  constructor(setup: ComponentSetup, model: number, arrivals: KnownArrivals) {
    this.#setup = setup;
    this.#model = model;
    this.#responseDelayNs = setup.networkDelay(model).responseDelayUs * 1000;
    this.#responses = new FastPathResponses(setup, model, arrivals);
    this.#rows = addRows(setup, model, arrivals);
  }

  attach(_queue: ModelQueue, taken: TakenOrder | undefined): void {
    this.#responses.attach(taken);
  }

  started(execution: FastPathExecution): void {
    const { requests, executions } = this.#setup;
    execution.number = executions.add(this.#model, execution.instance, execution.batch);
    for (let index = execution.from; index < execution.to; index++) {
      const row = this.#rowAt(this.#responses.positionOf(index));
      requests.startedNs[row] = execution.startNs;
      requests.execution[row] = execution.number;
    }
  }

  inferring(execution: FastPathExecution): void {
    this.#setup.executions.inferStartNs[execution.number] = execution.inferStartNs;
  }

  answer(execution: FastPathExecution): number {
    const { requests, executions } = this.#setup;
    executions.inferEndNs[execution.number] = execution.startNs + execution.inputNs + execution.inferNs;
    const computeEndNs = computeEndNsOf(execution);
    return this.#responses.leave(execution, (position, leavesNs) => {
      const row = this.#rowAt(position);
      requests.inputUs[row] = execution.inputNs / 1000;
      requests.inferUs[row] = execution.inferNs / 1000;
      requests.outputUs[row] = execution.outputNs / 1000;
      this.#respond(row, leavesNs, computeEndNs);
    });
  }

  drop(position: number, outcome: DropOutcome, nowNs: number): void {
    const { requests, durationNs } = this.#setup;
    const receivedNs = nowNs + this.#responseDelayNs;
    if (receivedNs > durationNs) return;
    const row = this.#rowAt(position);
    requests.outcome[row] = outcome;
    requests.endedNs[row] = receivedNs;
  }

  #rowAt(position: number): number {
    const { first, placeOf } = this.#rows;
    return first + (placeOf?.[position] ?? position);
  }

  #respond(row: number, leavesNs: number, computeEndNs: number): void {
    const { requests, durationNs } = this.#setup;
    const receivedNs = leavesNs + this.#responseDelayNs;
    requests.responseUs[row] = (leavesNs - computeEndNs) / 1000;
    if (receivedNs > durationNs) return;
    requests.endedNs[row] = receivedNs;
    requests.outcome[row] = Outcome.completed;
  }
}

/** Rows of the requests of one model, in the order in which they reach the server. */
export interface Rows {
  readonly first: number;
  /** Their places in that order by order of admission; undefined: the two are one. */
  readonly placeOf: Uint32Array | undefined;
}

/** Adds rows for requests of clients. */
export function addRows(setup: ComponentSetup, model: number, arrivals: KnownArrivals): Rows {
  const { requests, component, durationNs } = setup;
  const { queuedNs, reachedNs = queuedNs, sentNs, tenantOf, onlyTenant, sizes, positions } = arrivals;
  const ref = component.served[model]!;
  const { requestDelayUs, responseDelayUs } = setup.networkDelay(model);
  const delayNs = requestDelayUs * 1000;
  const first = requests.length;
  const placeOf = positions && new Uint32Array(positions.length);
  for (let place = 0; place < queuedNs.length; place++) {
    const i = positions?.[place] ?? place;
    if (placeOf !== undefined) placeOf[i] = place;
    const tenant = component.tenants[tenantOf?.[i] ?? onlyTenant]!;
    const plannedNs = sentNs?.[i] ?? reachedNs[i]! - delayNs;
    const row = requests.add(tenant, sizes?.[i] ?? 1, plannedNs, plannedNs);
    // One that is still on its way at the end of the run is in no queue.
    if (queuedNs[i]! < durationNs) {
      requests.queuedNs[row] = queuedNs[i]!;
      requests.frontEndUs[row] = (queuedNs[i]! - reachedNs[i]!) / 1000;
    }
    if (sentNs !== undefined)
      requests.networkUs[row] = Math.fround((reachedNs[i]! - plannedNs) / 1000) + responseDelayUs;
  }
  requests.server.fill(ref.server, first, requests.length);
  if (sentNs === undefined)
    requests.networkUs.fill(Math.fround(requestDelayUs) + responseDelayUs, first, requests.length);
  return { first, placeOf };
}
