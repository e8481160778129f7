import type { Random } from '../../base/random.js';
import { coresOfRequests } from '../../effects/request-cpu.js';
import type { Server } from '../../scenario/scenario.js';
import { nthStream } from '../component-run.js';
import { sharedDevicesOf } from '../resources/devices.js';
import { ProcessorSharing } from '../resources/processor-sharing.js';
import type { DeviceModel } from '../resources/shared-device.js';
import { RateLimiter } from '../server/rate-limiter.js';
import { type Part, Rank } from './actors.js';
import { FrontEnd } from './front-end.js';
import { ModelCache } from './model-cache.js';
import { ResponseCache } from './response-cache.js';
import type { Served } from './served.js';
import type { World } from './world.js';

/** One server's stages around its models, from when it is started until it is gone. */
export interface Host {
  readonly server: Server;
  /** Its index in the scenario. */
  readonly index: number;
  /** Undefined where cores never run short. */
  readonly cores: Part<ProcessorSharing> | undefined;
  /** Undefined where bandwidth never runs short. */
  readonly requestLink: Part<ProcessorSharing> | undefined;
  readonly responseLink: Part<ProcessorSharing> | undefined;
  /** Those on which executions meet, by index of the server's device. */
  readonly devices: ReadonlyMap<number, Part<DeviceModel>>;
  readonly frontEnd: FrontEnd;
  /** Undefined: it has none. */
  readonly cache: ResponseCache | undefined;
  /** Undefined: it is off. */
  readonly limiter: RateLimiter | undefined;
  /** Undefined: all its models are loaded from the start. */
  readonly modelCache: ModelCache | undefined;
  /** What it serves, by index among the server's models. */
  readonly serves: Served[];
  readonly random: Random;
  /** Draws what waking threads wait. */
  readonly waits: Random;
  /** Core-nanoseconds used: all of them, or what requests took besides where cores are limited. */
  coreNs: number;
  /** Cores on which inferences compute now. */
  computing: number;
  /** The shared device on which taking requests in takes cores from executions; undefined where it takes none. */
  readonly requestsOn: Part<DeviceModel> | undefined;
  /** Requests that are on their way to it, and those and calls that it has: taken in and not yet answered. */
  onTheWay: number;
  requests: number;
  /** Executions that have not ended: all of them, and by index of the device. */
  executing: number;
  readonly executingOn: number[];
  /** Whether it takes in no requests that reach it now. */
  refuses: boolean;
  /** What has been removed and holds something yet: the server itself, or a device of it; by the scenario's change. */
  leaving: { readonly change: number; readonly device?: number }[];
}

/** Whom a host tells of what is done. */
export interface HostListener {
  /** The last byte of a request has left the client's side. */
  requestSent(host: Host): void;
  /** The last byte of a response has left the server's side. */
  responseSent(host: Host): void;
  /** A job on its cores is done, as `Job` numbers them. */
  jobDone(job: number): void;
  /** An execution on a device is done. */
  phaseDone(slot: number): void;
}

/**
 * Starts a server now.
 * @param times how often it has been started before
 */
export function createHost(world: World, index: number, times: number, listener: HostListener): Host {
  const { setup, actors, nowNs } = world;
  const server = setup.scenario.servers[index]!;
  const { requestBytesPerUs, responseBytesPerUs } = server.network;
  const { rateLimit } = server.options;
  const link = (bytesPerUs: number, done: () => void): Part<ProcessorSharing> | undefined =>
    Number.isFinite(bytesPerUs)
      ? { of: new ProcessorSharing(bytesPerUs / 1000, Infinity), actor: actors.add(Rank.host, done) }
      : undefined;
  const stream = (use: string) => setup.streams.get(nthStream(`${use} ${server.name}`, times));
  const requestLink = link(requestBytesPerUs, () => listener.requestSent(host));
  const responseLink = link(responseBytesPerUs, () => listener.responseSent(host));
  const cores = Number.isFinite(server.cpuCores) ? coresOf(world, server.cpuCores, listener) : undefined;
  cores?.of.addBackground(server.backgroundCores ?? 0, nowNs);
  const devices = devicesOf(world, index, listener);
  const requestsOn = coresOfRequests(server);
  const host: Host = {
    server,
    index,
    requestLink,
    responseLink,
    cores,
    devices,
    frontEnd: new FrontEnd(server.options.frontEndThreads),
    cache: server.options.cache && new ResponseCache(server.options.cache),
    limiter: rateLimit && new RateLimiter(rateLimit),
    modelCache: server.modelCache && new ModelCache(world, server.modelCache, server.models),
    serves: [],
    random: stream('front end'),
    waits: stream('thread waits'),
    coreNs: 0,
    computing: 0,
    requestsOn: requestsOn === undefined ? undefined : devices.get(requestsOn),
    onTheWay: 0,
    requests: 0,
    executing: 0,
    executingOn: server.devices.map(() => 0),
    refuses: false,
    leaving: [],
  };
  return host;
}

function coresOf({ actors }: World, count: number, listener: HostListener): Part<ProcessorSharing> {
  const cores = new ProcessorSharing(count, 1);
  const actor = actors.add(Rank.host, () => {
    const job = cores.finish();
    actors.update(actor, cores.nextNs);
    listener.jobDone(job);
  });
  return { of: cores, actor };
}

function devicesOf({ setup, actors }: World, server: number, listener: HostListener) {
  const parts = new Map<number, Part<DeviceModel>>();
  for (const [index, device] of sharedDevicesOf(setup, server)) {
    const actor = actors.add(Rank.device, () => {
      const slot = device.step();
      actors.update(actor, device.nextNs);
      if (slot >= 0) listener.phaseDone(slot);
    });
    parts.set(index, { of: device, actor });
  }
  return parts;
}
