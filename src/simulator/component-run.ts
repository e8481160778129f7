import type { RandomStreams } from '../base/random.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Change } from '../scenario/changes.js';
import { entryProfile, isComposed } from '../scenario/composition.js';
import { isPrefetching, type QueuePolicy } from '../scenario/model-config.js';
import { isClosedLoop, networkDelayOf } from '../scenario/network-delay.js';
import type {
  EffectiveNetworkDelay,
  ModelInstance,
  Scenario,
  ServedModel,
  Server,
  Tenant,
} from '../scenario/scenario.js';
import { CallColumns } from './call-columns.js';
import {
  expectedRequests,
  isSlowWhereSparse,
  largestRequest,
  requestsBatchedOf,
  requestsPerS,
} from './component-load.js';
import type { ComponentResult, Departure } from './component-result.js';
import { RequestPath } from './load/request-path.js';
import { oneAtATime } from './one-at-a-time.js';
import { CacheUse } from './outcome/cache-use.js';
import type { Component, ServedRef } from './partition.js';
import { ExecutionTable, RequestTable } from './request-table.js';
import type { KvUse, LoadCounts, ModelCounts } from './result.js';
import { batchingRules } from './server/batching.js';
import type { LimitedModel } from './server/rate-limiter.js';
import type { SlotUse } from './server/sequences/slot-use.js';
import type { ModelServerOptions } from './server/server-parts.js';
import { ServedRun } from './service/served-run.js';

/** A change that concerns a component, and its index in the scenario. */
export interface ComponentChange {
  readonly change: Change;
  readonly index: number;
}

/** How a server is started. */
export interface ServerStart {
  readonly instances: readonly ModelInstance[];
  /** How often it has been started before. */
  readonly times: number;
}

/** Name of a random stream for a server that has been started so often before. */
export function nthStream(name: string, times: number): string {
  return times === 0 ? name : `${name}, start ${times + 1}`;
}

function changesOf({ changes = [] }: Scenario, { served }: Component): ComponentChange[] {
  return changes
    .map((change, index) => ({ change, index }))
    .filter(({ change }) =>
      served.some(
        ({ server, model }) => server === change.server && (!('model' in change) || change.model === model),
      ),
    );
}

/** What both ways of simulating a component start from. */
export class ComponentSetup {
  readonly scenario: Scenario;
  readonly component: Component;
  readonly durationNs: number;
  readonly tenants: readonly Tenant[];
  readonly served: readonly ServedModel[];
  readonly byBatchSize: readonly Float64Array[];
  /** Whether all requests, and calls for them, are of one inference. */
  readonly areAllOfOne: boolean;
  readonly lostWakeUps: Uint32Array;
  /** How long the executions of each served model took within the run, all together. */
  readonly executingNs: Float64Array;
  readonly cacheUses: readonly CacheUse[];
  /** Of each served model that takes sequences. */
  readonly slotUses: (SlotUse | undefined)[] = [];
  /** Of each served model that has an engine. */
  readonly kvUses: ({ kvUse(durationNs: number): KvUse } | undefined)[] = [];
  /** Each served model at the rate limiter of its server, where that is on. */
  readonly limited: (LimitedModel | undefined)[] = [];
  /** The cache of models that each served model is in, where its server has one. */
  readonly modelCaches: ({ countsOf(index: number): LoadCounts | undefined } | undefined)[] = [];
  /** What comes or goes in the middle of the run, in order of time. */
  readonly changes: readonly ComponentChange[];
  /** Of each served model all instances that there have been so far, by the number that executions have them under. */
  readonly instances: readonly ModelInstance[][];
  /** Most inferences in an execution of each served model. */
  readonly #largest: readonly number[];
  #requests: RequestTable | undefined;
  #executions: ExecutionTable | undefined;
  readonly streams: RandomStreams;

  constructor(scenario: Scenario, component: Component, streams: RandomStreams) {
    this.scenario = scenario;
    this.component = component;
    this.streams = streams;
    this.durationNs = scenario.durationUs * 1000;
    this.tenants = component.tenants.map((index) => scenario.tenants[index]!);
    this.changes = changesOf(scenario, component);
    this.served = component.served.map((ref) => {
      const model = this.server(ref).models[ref.model]!;
      return model.takesTurns === true && this.changes.length === 0 ? oneAtATime(model) : model;
    });
    const largest = largestRequest(this.tenants);
    this.areAllOfOne = largest === 1 && this.served.every(({ calls }) => calls === undefined);
    this.#largest = this.served.map(({ config, engine }) =>
      Math.max(1, engine?.maxSequences ?? config.maxBatchSize, largest),
    );
    this.byBatchSize = this.#largest.map((batch) => new Float64Array(batch + 1));
    this.lostWakeUps = new Uint32Array(this.served.length);
    this.executingNs = new Float64Array(this.served.length);
    this.cacheUses = this.served.map(() => new CacheUse());
    this.instances = this.served.map(() => []);
  }

  /** One row per request; made when first asked for. */
  get requests(): RequestTable {
    const rows = this.#requests === undefined ? expectedRequests(this.scenario, this.tenants) : 0;
    this.#requests ??= new RequestTable(
      rows,
      this.served.some(isComposed) ? new CallColumns(rows) : undefined,
      this.served.some(
        ({ responses, engine, iterations }) =>
          (responses ?? engine) !== undefined || iterations?.streams === true,
      )
        ? new Map()
        : undefined,
      this.served.some(({ engine, iterations }) => (engine ?? iterations) !== undefined) ? [] : undefined,
    );
    return this.#requests;
  }

  /** Requests that each served model may have, where all have equally many. */
  get expectedEach(): number {
    return Math.max(64, Math.ceil(this.requests.tenant.length / this.served.length));
  }

  /** One row per execution; made when first asked for. */
  get executions(): ExecutionTable {
    this.#executions ??= new ExecutionTable();
    return this.#executions;
  }

  /** What executions of served model `index` cost, on a server that is started with these instances. */
  newRun(
    index: number,
    { instances = this.served[index]!.instances, times = 0 }: Partial<ServerStart> = {},
  ): ServedRun {
    const model = this.served[index]!;
    const ref = this.component.served[index]!;
    const { name } = this.server(ref);
    return new ServedRun(model, instances, {
      maxBatchSize: this.#largest[index]!,
      mayCome: this.changes.length > 0 ? this.instancesEver(index) : [],
      random: this.streams.get(nthStream(`service ${name} ${model.config.name}`, times)),
      speedDriftOf: (device) => this.streams.get(`pace ${name} ${device}`),
      requestsPerS:
        isSlowWhereSparse(model) && !this.areClosedLoop(index)
          ? requestsPerS(this.scenario, this.tenants, ref.server, requestsBatchedOf)
          : undefined,
    });
  }

  /** All instances of served model `index` that there may be in the run. */
  instancesEver(index: number): ModelInstance[] {
    const { server, model } = this.component.served[index]!;
    const added = this.changes.flatMap(({ change }) =>
      change.do === 'addInstances' && change.server === server && change.model === model
        ? change.instances
        : [],
    );
    return [...this.served[index]!.instances, ...added];
  }

  /** The way to served model `index` of the component, under the load that the component has. */
  networkDelay(index: number): EffectiveNetworkDelay {
    const ref = this.component.served[index]!;
    const model = this.served[index]!;
    // The rate of a server is a sum over the arrivals of all its tenants: asked only where the way depends on it.
    const perS =
      model.networkDelay?.byRate === undefined
        ? undefined
        : requestsPerS(this.scenario, this.tenants, ref.server);
    return networkDelayOf(this.server(ref), model, perS);
  }

  /** The profile that says how its requests come in. */
  entryProfile(index: number): ModelProfile {
    const ref = this.component.served[index]!;
    return entryProfile(this.server(ref).models, ref.model)!;
  }

  /** The way of its requests to the server. */
  requestPath(index: number): RequestPath {
    return new RequestPath(this.networkDelay(index));
  }

  /** Whether all who send to served model `index` of the component do so as soon as they have their answer. */
  areClosedLoop(index: number): boolean {
    const ref = this.component.served[index]!;
    const users = this.tenants.filter(({ targets }) =>
      targets.some(({ server, model }) => server === ref.server && model === ref.model),
    );
    return users.length > 0 && users.every(({ load }) => isClosedLoop(load));
  }

  server(ref: ServedRef): Server {
    return this.scenario.servers[ref.server]!;
  }

  /** How the served model's queue, batcher and instances behave. */
  serverOptions(index: number, pushed: boolean): Omit<ModelServerOptions, 'policy'> {
    const model = this.served[index]!;
    const server = this.server(this.component.served[index]!);
    const { options } = server;
    const wins = model.batcherWinsShare ?? options.batcherWinsShare ?? 0;
    const random = wins > 0 ? this.streams.get(`threads ${server.name} ${model.config.name}`) : undefined;
    return {
      rules: model.config.dynamicBatching === undefined ? undefined : batchingRules(model.config),
      instances: model.instances.length,
      batcherWakeNs: Math.round(options.batcherWakeUs * 1000),
      batcherAwakeNs: Math.round((options.batcherAwakeUs ?? options.batcherWakeUs) * 1000),
      instancePickUpNs: Math.round(options.instancePickUpUs * 1000),
      instanceWakeNs:
        options.instanceWakeUs === undefined ? undefined : Math.round(options.instanceWakeUs * 1000),
      timerSlackNs: Math.round((options.timerSlackUs ?? 0) * 1000),
      batcherWins: random === undefined ? undefined : () => random.next() < wins,
      onLostWakeUp: () => {
        this.lostWakeUps[index]!++;
      },
      pushed,
      idleCounterDrift: options.idleCounterDrift === true,
    };
  }

  /** Whether requests wait in levels with limits and timeouts instead of one plain queue. */
  hasPolicy(index: number): boolean {
    const { config, engine } = this.served[index]!;
    return engine === undefined && !isPrefetching(config);
  }

  /** Levels of a model's queue, best first: one where no priorities are configured. */
  queueLevels(index: number): { levels: QueuePolicy[]; defaultLevel: number } {
    const batching = this.served[index]!.config.dynamicBatching!;
    const levels = Array.from(
      { length: Math.max(1, batching.priorityLevels) },
      (_, i) => batching.priorityQueuePolicy.get(i + 1) ?? batching.defaultQueuePolicy,
    );
    return { levels, defaultLevel: Math.max(1, batching.defaultPriorityLevel) };
  }

  /** An execution of a served model has begun and is over at that time, if the run is not. */
  executed(index: number, startNs: number, endNs: number): void {
    this.executingNs[index]! += Math.min(endNs, this.durationNs) - startNs;
  }

  result(hostCoreNs: ReadonlyMap<number, number>, departures: readonly Departure[] = []): ComponentResult {
    const { component, byBatchSize, instances } = this;
    return {
      component,
      deviceOf: instances.map((all) => all.map(({ device }) => device)),
      requests: this.#requests ?? NO_REQUESTS,
      executions: this.#executions ?? NO_EXECUTIONS,
      byBatchSize,
      counts: this.served.map((_, index) => this.#countsOf(index)),
      hostCoreNs,
      departures,
    };
  }

  #countsOf(index: number): ModelCounts {
    const { durationNs } = this;
    const cache = this.cacheUses[index]!.counts();
    const sequences = this.slotUses[index]?.of(durationNs);
    const kvCache = this.kvUses[index]?.kvUse(durationNs);
    const resourceWaitShare = this.limited[index]?.waitingShare(durationNs);
    const loading = this.modelCaches[index]?.countsOf(index);
    const { instances, pipelined, overlapping } = this.served[index]!;
    const overlap = pipelined === true || overlapping === true;
    const instanceNs = this.changes.length > 0 || overlap ? 0 : instances.length * durationNs;
    return {
      lostWakeUps: this.lostWakeUps[index]!,
      ...(instanceNs > 0 && { busyShare: this.executingNs[index]! / instanceNs }),
      ...(cache && { cache }),
      ...(sequences && { sequences }),
      ...(kvCache && { kvCache }),
      ...(resourceWaitShare !== undefined && { resourceWaitShare }),
      ...(loading && { loading }),
    };
  }
}

/** Tables of runs that kept none, for reading: a fleet has thousands of components. */
const NO_REQUESTS = new RequestTable(0);
const NO_EXECUTIONS = new ExecutionTable();
