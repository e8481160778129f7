import type { HostThreadWaits } from './thread-waits.js';

/** Between clients and a server, whatever the size of a message. */
export interface NetworkDelay {
  readonly requestDelayUs: number;
  readonly responseDelayUs: number;
}

/** The network delay of a model as it was measured: also by requests per second to the server, ascending; absent = at any rate. */
export interface MeasuredNetworkDelay extends NetworkDelay {
  /** How much of that to the server is the waking of threads; absent = none. */
  readonly wakeUs?: number;
  /** What the clients' threads take of both directions together; absent = unknown. */
  readonly clientUs?: number;
  readonly byRate?: readonly (NetworkDelay & { readonly requestsPerS: number })[];
}

/** What effects see of a server of a checked scenario: its profiles, and what was taken from them into the scenario. */
export interface ServerSide<Fields extends object = object> {
  /** Host cores; Infinity = the host never limits. */
  readonly cpuCores: number;
  readonly network: NetworkDelay;
  readonly options: {
    readonly batcherWakeUs: number;
    readonly batcherAwakeUs?: number;
    readonly instancePickUpUs: number;
    readonly instanceWakeUs?: number;
    readonly timerSlackUs?: number;
    readonly batcherWinsShare?: number;
    readonly threadWaits?: HostThreadWaits;
  };
  readonly devices: readonly { readonly sharing: { readonly mode: string; readonly cores?: number } }[];
  readonly models: readonly ServedSide<Fields>[];
}

/** A model on it. */
export interface ServedSide<Fields extends object = object> {
  readonly networkDelay?: MeasuredNetworkDelay;
  readonly batcherWinsShare?: number;
  readonly requestCpuUs?: number;
  readonly executionCpuUs?: number;
  readonly instances: readonly { readonly device: number; readonly profile: Fields }[];
}

/** The server with each of its models changed. */
export function withModels<Side extends ServerSide>(
  server: Side,
  change: (model: ServedSide) => ServedSide,
): Side {
  return { ...server, models: server.models.map(change) };
}

/** Whether the profile of any instance on the server is so. */
export function anyProfile<Fields extends object>(
  { models }: ServerSide<Fields>,
  isSo: (profile: Fields) => boolean,
): boolean {
  return models.some(({ instances }) => instances.some(({ profile }) => isSo(profile)));
}
