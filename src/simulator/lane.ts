import type { QueuePolicy } from '../scenario/model-config.js';
import type { Tenant } from '../scenario/scenario.js';
import type { Trace } from '../trace/trace.js';
import { countBefore } from './clients.js';
import type { ComponentResult, ComponentSetup } from './component-run.js';
import { ModelQueue } from './model-queue.js';
import { type Executor, ModelServer } from './model-server.js';
import { sharesHost, usesFrontEnd, limitsNetwork } from './partition.js';
import { PolicyQueue } from './policy-queue.js';
import { responseNs } from './served-run.js';

/**
 * Whether a component is a lane: one served model whose requests all arrive at times known in
 * advance and whose executions nobody slows. Then nothing but the model itself makes events.
 */
export function isLane(setup: ComponentSetup): boolean {
  const { component, tenants } = setup;
  if (component.served.length !== 1) return false;
  const server = setup.server(component.served[0]!);
  if (sharesHost(server) || usesFrontEnd(server) || limitsNetwork(server)) return false;
  const shared = setup.served[0]!.instances.some(
    ({ device }) => device >= 0 && server.devices[device]!.sharing.mode !== 'exclusive',
  );
  return !shared && tenants.every((tenant) => tenant.load.mode === 'open');
}

/** Simulates a component for which {@link isLane} holds, up to the end of the run. */
export function runLane(setup: ComponentSetup): ComponentResult {
  const arrivals = mergeArrivals(setup);
  const queue = new ModelQueue({ queuedNs: arrivals.queuedNs, sizes: arrivals.sizes, shapes: arrivals.shapes });
  const executor = new LaneExecutor(setup);
  const policy = setup.hasPolicy(0) ? lanePolicy(setup, queue, arrivals) : undefined;
  const server = new ModelServer(queue, executor, { ...setup.serverOptions(0, false), policy });
  executor.policy = policy;
  const endNs = setup.durationNs;
  while (server.nextNs < endNs) server.step();
  return setup.result(new Map([[setup.component.served[0]!.server, executor.hostCoreNs]]));
}

/** Levels of a model's queue, best first: one where no priorities are configured. */
export function queueLevels(setup: ComponentSetup, index: number): { levels: QueuePolicy[]; defaultLevel: number } {
  const batching = setup.served[index]!.config.dynamicBatching!;
  const count = Math.max(1, batching.priorityLevels);
  const levels = Array.from(
    { length: count },
    (_, i) => batching.priorityQueuePolicy.get(i + 1) ?? batching.defaultQueuePolicy,
  );
  return { levels, defaultLevel: Math.max(1, batching.defaultPriorityLevel) };
}

function lanePolicy(setup: ComponentSetup, queue: ModelQueue, arrivals: Arrivals): PolicyQueue {
  const { requests } = setup;
  const { network } = setup.server(setup.component.served[0]!);
  return new PolicyQueue(queue, {
    ...queueLevels(setup, 0),
    priorities: arrivals.priorities,
    timeoutsUs: arrivals.timeoutsUs,
    onDrop: (row, outcome, nowNs) => {
      requests.outcome[row] = outcome;
      requests.endedNs[row] = nowNs + network.responseDelayUs * 1000;
    },
  });
}

interface Arrivals {
  readonly queuedNs: Float64Array;
  readonly sizes: Uint16Array | undefined;
  readonly shapes: Uint16Array | undefined;
  readonly priorities: Uint32Array;
  readonly timeoutsUs: Float64Array;
}

/**
 * Puts the requests of all tenants into the table, ordered by arrival and at one instant by tenant;
 * row = position in the queue.
 */
function mergeArrivals(setup: ComponentSetup): Arrivals {
  const { tenants, requests, component } = setup;
  const server = setup.server(component.served[0]!);
  const delayNs = server.network.requestDelayUs * 1000;
  const traces = tenants.map((tenant) => openTrace(tenant));
  const counts = traces.map((trace) => countBefore(trace.arrivalUs, setup.durationNs / 1000));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const unit = tenants.every((tenant, i) => tenant.batchSize === 1 && traces[i]!.batchSize === undefined);
  const priorities = new Uint32Array(total);
  const timeoutsUs = new Float64Array(total);
  const shapes = tenants.some((tenant) => tenant.shape !== 0) ? new Uint16Array(total) : undefined;
  const next = new Int32Array(tenants.length);
  for (let row = 0; row < total; row++) {
    const t = earliest(traces, counts, next);
    const trace = traces[t]!;
    const tenant = tenants[t]!;
    const i = next[t]!++;
    const plannedNs = trace.arrivalUs[i]! * 1000;
    requests.add(component.tenants[t]!, trace.batchSize?.[i] ?? tenant.batchSize, plannedNs, plannedNs);
    requests.queuedNs[row] = plannedNs + delayNs;
    priorities[row] = trace.priority?.[i] || tenant.priority;
    timeoutsUs[row] = trace.timeoutUs?.[i] || tenant.timeoutUs;
    if (shapes !== undefined) shapes[row] = tenant.shape;
  }
  requests.server.fill(component.served[0]!.server, 0, total);
  requests.networkUs.fill(server.network.requestDelayUs + server.network.responseDelayUs, 0, total);
  return {
    queuedNs: requests.queuedNs.subarray(0, total),
    sizes: unit ? undefined : requests.size.subarray(0, total),
    shapes,
    priorities,
    timeoutsUs,
  };
}

function openTrace(tenant: Tenant): Trace {
  if (tenant.load.mode !== 'open') throw new Error(`tenant ${tenant.name} is not open loop`);
  return tenant.load.trace;
}

function earliest(traces: readonly Trace[], counts: readonly number[], next: Int32Array): number {
  let best = -1;
  let bestUs = Infinity;
  for (let t = 0; t < traces.length; t++) {
    if (next[t]! >= counts[t]!) continue;
    const us = traces[t]!.arrivalUs[next[t]!]!;
    if (us < bestUs || best < 0) {
      bestUs = us;
      best = t;
    }
  }
  return best;
}

/** Runs executions alone: their whole course is known when they start. */
class LaneExecutor implements Executor {
  policy: PolicyQueue | undefined;
  /** Core-nanoseconds used on the host so far. */
  hostCoreNs = 0;
  readonly #setup: ComponentSetup;
  readonly #responseDelayNs: number;
  readonly #pipelined: boolean;
  readonly #preserveOrder: boolean;
  /** Per instance, of its last execution: end of the inference phase and of everything. */
  readonly #inferEndNs: Float64Array;
  readonly #endNs: Float64Array;
  /** With preserve_ordering: when the last response of all earlier executions left. */
  #lastResponseNs = 0;

  constructor(setup: ComponentSetup) {
    this.#setup = setup;
    this.#responseDelayNs = setup.server(setup.component.served[0]!).network.responseDelayUs * 1000;
    const served = setup.served[0]!;
    this.#pipelined = served.pipelined === true;
    this.#preserveOrder = served.config.dynamicBatching?.preserveOrdering === true;
    this.#inferEndNs = new Float64Array(served.instances.length);
    this.#endNs = new Float64Array(served.instances.length);
  }

  start(instance: number, from: number, to: number, batch: number, nowNs: number): number {
    const setup = this.#setup;
    const run = setup.runs[0]!;
    run.draw(instance, batch, nowNs);
    const { inputNs, inferNs, outputNs } = run;
    const inputEndNs = nowNs + inputNs;
    const inferStartNs = this.#pipelined ? Math.max(inputEndNs, this.#inferEndNs[instance]!) : inputEndNs;
    const computeEndNs = inferStartNs + inferNs + outputNs;
    const { executions, requests } = setup;
    const execution = executions.add(0, instance, batch);
    executions.inferStartNs[execution] = inferStartNs;
    executions.inferEndNs[execution] = inferStartNs + inferNs;
    setup.byBatchSize[0]![batch]!++;
    let sentNs = computeEndNs;
    for (let position = from; position < to; position++) {
      const row = this.policy === undefined ? position : this.policy.order[position]!;
      requests.startedNs[row] = nowNs;
      requests.execution[row] = execution;
      requests.inputUs[row] = inputNs / 1000;
      requests.inferUs[row] = (inferStartNs + inferNs - inputEndNs) / 1000;
      requests.outputUs[row] = outputNs / 1000;
      sentNs += responseNs(run.profiles[instance]!, this.#tenant(row), requests.size[row]!);
      this.#respond(row, sentNs, computeEndNs);
    }
    const endNs = sentNs + run.responseFixedNs;
    const cores = run.profiles[instance]!.hostCores;
    this.hostCoreNs +=
      inputNs * cores.input + inferNs * cores.infer + outputNs * cores.output + (endNs - computeEndNs) * cores.response;
    this.#lastResponseNs = Math.max(this.#lastResponseNs, sentNs);
    run.ended(instance, endNs);
    const previousEndNs = this.#endNs[instance]!;
    this.#endNs[instance] = endNs;
    this.#inferEndNs[instance] = inferStartNs + inferNs;
    return this.#pipelined ? Math.max(inputEndNs, previousEndNs) : endNs;
  }

  #tenant(row: number): Tenant {
    return this.#setup.scenario.tenants[this.#setup.requests.tenant[row]!]!;
  }

  #respond(row: number, sentNs: number, computeEndNs: number): void {
    const { requests, durationNs } = this.#setup;
    const leavesNs = this.#preserveOrder ? Math.max(sentNs, this.#lastResponseNs) : sentNs;
    const receivedNs = leavesNs + this.#responseDelayNs;
    requests.responseUs[row] = (leavesNs - computeEndNs) / 1000;
    if (receivedNs > durationNs) return;
    requests.endedNs[row] = receivedNs;
    requests.outcome[row] = 0;
  }
}
