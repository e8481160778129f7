import type { Random } from '../../base/random.js';
import type { ModelProfile } from '../../profile/profile.js';
import { entryProfile } from '../../scenario/composition.js';
import type { ModelInstance, NetworkDelay, ServedModel } from '../../scenario/scenario.js';
import type { DropOutcome } from '../../trace/request-log.js';
import { nthStream } from '../component-run.js';
import type { RequestPath } from '../load/request-path.js';
import { EngineServer } from '../server/engine/engine-server.js';
import type { ModelQueue } from '../server/model-queue.js';
import { type Executor, ModelServer } from '../server/model-server.js';
import type { PolicyQueue } from '../server/policy-queue.js';
import { SequenceServer } from '../server/sequences/sequence-server.js';
import { keepsOrder } from '../service/hand-over.js';
import { frontEndSampler, type ServedRun } from '../service/served-run.js';
import { type Actor, Rank } from './actors.js';
import type { AdmittedRows } from './admitted-rows.js';
import type { Execution } from './executions/execution.js';
import { Iterations } from './executions/iterations.js';
import type { Host } from './host.js';
import { modelServer, queueOf } from './model-servers.js';
import { Event, type World } from './world.js';

/** One model on a server, from the server's start on, with all that belongs to it. */
export interface Served {
  /** Among the component's served models. */
  readonly index: number;
  /** Among all that have been served in the run. */
  readonly number: number;
  /** As the scenario has it. */
  readonly model: ServedModel;
  readonly server: ModelServer | SequenceServer | EngineServer;
  /** The same, where it is an engine. */
  readonly engine: EngineServer | undefined;
  readonly run: ServedRun;
  readonly policy: PolicyQueue | undefined;
  readonly queue: ModelQueue;
  readonly admitted: AdmittedRows;
  /** Whether executions have requests in the order in which they came. */
  readonly isInOrder: boolean;
  /** All that there have been here, by their number. */
  readonly instances: ModelInstance[];
  /** Numbers of those whose process has died. */
  readonly dead: Set<number>;
  /** Numbers of those that take work, oldest first. */
  readonly staying: number[];
  /** Of its configured instances the first one's; of an ensemble that of its first step. */
  readonly profile: ModelProfile;
  /** The number of its first instance among all that the model has had in the run. */
  readonly firstInstance: number;
  readonly host: Host;
  readonly networkDelay: NetworkDelay;
  readonly requestPath: RequestPath;
  /** Core time of taking a request in, nanoseconds, and as much of sending its answer. */
  readonly handlingNs: number;
  /** Whether nothing of its server changes when an answer leaves. */
  readonly answersUnseen: boolean;
  /** Core time of bringing an execution to its instance, nanoseconds, and as much of what follows it. */
  readonly dispatchNs: number;
  /** Draws the ratio of one front-end time to its mean; undefined = it does not vary. */
  readonly frontEndSample: ((random: Random) => number) | undefined;
  /** Where responses keep their order: executions in order of start, until all their responses have left. */
  readonly gate: Execution[] | undefined;
  readonly actor: Actor;
  /** Of a model with iterative sequences: how often its requests are still to be executed. */
  readonly iterations: Iterations | undefined;
  /** Draws which calls its executions make. */
  readonly callsRandom: Random;
  /** Whether it takes requests. */
  isLoaded: boolean;
  /** Requests sent to it and not yet answered: what routers look at. */
  outstanding: number;
}

/** Whom a served model tells what it decides. */
export interface ServedListener {
  executorFor(served: () => Served): Executor;
  /** The process of an instance has died. */
  died(served: Served, instance: number): void;
  /** It refuses a request, or gives it up. */
  drop(row: number, outcome: DropOutcome): void;
}

/** What a model is served on. */
export interface Place {
  /** Just started. */
  readonly host: Host;
  /** Those that it begins with. */
  readonly instances: readonly ModelInstance[];
  /** How often the host has been started before. */
  readonly times: number;
  /** Default: yes. */
  readonly isLoaded?: boolean;
}

/** Serves a model of the component. */
export function createServed(world: World, index: number, place: Place, listener: ServedListener): Served {
  const { setup, actors } = world;
  const { host, instances, times, isLoaded = true } = place;
  const model = setup.served[index]!;
  const { requestCpuUs = 0, executionCpuUs = 0, config } = model;
  const ref = setup.component.served[index]!;
  const firstInstance = setup.instances[index]!.push(...instances) - instances.length;
  const profile = entryProfile(host.server.models, ref.model)!;
  const { queue, policy, admitted } = queueOf(world, index, listener);
  const executor = listener.executorFor(() => served);
  // The steps of an engine are its own affair: the limiter knows executions of Triton's instances.
  const limiter = model.engine === undefined ? host.limiter : undefined;
  const limited = limiter?.add(
    instances.map(({ limits }) => limits),
    () => world.at(world.nowNs, Event.granted, served.number),
  );
  const stream = (use: string) =>
    setup.streams.get(nthStream(`${use} ${host.server.name} ${config.name}`, times));
  const iterations = model.iterations && new Iterations(model.iterations, stream('iterations'));
  const options = {
    ...setup.serverOptions(index, true),
    policy,
    instances: instances.length,
    limiter: limited,
  };
  const parts = { queue, admitted, executor, config, options, listener, iterations };
  const server = modelServer(world, index, instances, parts);
  const engine = server instanceof EngineServer ? server : undefined;
  if (engine !== undefined) setup.kvUses[index] = engine;
  if (server instanceof SequenceServer) setup.slotUses[index] = server.use;
  if (limited !== undefined) setup.limited[index] = limited;
  const served: Served = {
    index,
    number: world.served.length,
    model,
    server,
    engine,
    run: setup.newRun(index, { instances, times }),
    policy,
    queue,
    admitted,
    isInOrder: server instanceof ModelServer && policy === undefined,
    instances: [...instances],
    dead: new Set(),
    staying: [...instances.keys()],
    profile,
    firstInstance,
    host,
    networkDelay: setup.networkDelay(index),
    requestPath: setup.requestPath(index),
    handlingNs: Math.round((requestCpuUs * 1000) / 2),
    answersUnseen: requestCpuUs === 0 && setup.changes.length === 0 && isUnseenOn(host),
    dispatchNs: Math.round((executionCpuUs * 1000) / 2),
    frontEndSample: frontEndSampler(profile),
    gate: keepsOrder(model, host.server) ? [] : undefined,
    actor: actors.add(Rank.model, () => {
      server.limitNs = world.limitNs;
      server.step();
      world.touch(served);
    }),
    iterations,
    callsRandom: stream('calls'),
    isLoaded,
    outstanding: 0,
  };
  world.served.push(served);
  host.modelCache?.add(served, ref.model);
  if (host.modelCache !== undefined) setup.modelCaches[index] = host.modelCache;
  host.serves[ref.model] = served;
  world.touch(served);
  return served;
}

function isUnseenOn({ responseLink, modelCache, server }: Host): boolean {
  return responseLink === undefined && modelCache === undefined && server.options.threadWaits === undefined;
}

/** The rate limiter has given resources to payloads of a served model. */
export function grantsCame(world: World, number: number): void {
  const served = world.served[number]!;
  if (served.server instanceof EngineServer) return;
  served.server.granted(world.nowNs);
  world.touch(served);
}

/** A model is gone from its server. */
export function unloaded(world: World, number: number): void {
  const served = world.served[number]!;
  served.host.modelCache!.unloaded(served);
}
