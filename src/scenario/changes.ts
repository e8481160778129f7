import { InputError, type Place } from '../base/problem.js';
import type { ModelInstance, Scenario, Server } from './scenario.js';

/** A served model, a server or a device, by its indices in the scenario. */
interface ModelRef {
  readonly server: number;
  readonly model: number;
}
interface DeviceRef {
  readonly server: number;
  readonly device: number;
}

/** Something that comes or goes in the middle of a run. */
export type Change = { readonly atUs: number } & (
  | ({ readonly do: 'addInstances'; readonly instances: readonly ModelInstance[] } & ModelRef)
  /** The youngest; with a device, only of those that run there. Each ends its execution first. */
  | ({ readonly do: 'removeInstances'; readonly count: number; readonly device?: number } & ModelRef)
  /** The processes of so many instances die, of the oldest first: what these take from then on has an error. */
  | ({ readonly do: 'killInstances'; readonly count: number } & ModelRef)
  /** Started anew, with the instances of its configuration. One whose first change this is is not there before. */
  | { readonly do: 'addServer'; readonly server: number }
  /** Nothing is sent to it any more; what it has is served. Requests that are on the network delay to it are refused or served. */
  | { readonly do: 'removeServer'; readonly server: number; readonly refusesOnTheWay: boolean }
  /** With the instances that the configurations have on it. */
  | ({ readonly do: 'addDevice' } & DeviceRef)
  /** With all instances that run on it. */
  | ({ readonly do: 'removeDevice' } & DeviceRef)
  /** It is ready. One of a model whose first change this is was not loaded before. */
  | ({ readonly do: 'loadModel' } & ModelRef)
  /** It takes no more requests; those that it has are served. */
  | ({ readonly do: 'unloadModel' } & ModelRef)
  /** Another version of it is ready and takes all that come; the one before serves what it has. */
  | ({ readonly do: 'reloadModel' } & ModelRef)
);

/** Whether what comes by one kind of change and goes by another is there when the run begins: not if it first comes. */
function isThereFirst(
  changes: readonly Change[],
  [comes, goes]: readonly [Change['do'], Change['do']],
  isMeant: (change: Change) => boolean,
): boolean {
  const first = changes.find((change) => (change.do === comes || change.do === goes) && isMeant(change));
  return first?.do !== comes;
}

export function isServerThereFirst(changes: readonly Change[], server: number): boolean {
  return isThereFirst(changes, ['addServer', 'removeServer'], (change) => change.server === server);
}

/** The same of a device of a server. */
export function isDeviceThereFirst(changes: readonly Change[], server: number, device: number): boolean {
  const isMeant = (change: Change) =>
    change.server === server && 'device' in change && change.device === device;
  return isThereFirst(changes, ['addDevice', 'removeDevice'], isMeant);
}

/** The same of a model on a server. */
export function isModelThereFirst(changes: readonly Change[], server: number, model: number): boolean {
  const isMeant = (change: Change) => change.server === server && 'model' in change && change.model === model;
  return isThereFirst(changes, ['loadModel', 'unloadModel'], isMeant);
}

/** The places in a list of instances of those that `removeInstances` takes: the youngest are last. */
export function youngest(
  instances: readonly Pick<ModelInstance, 'device'>[],
  count: number,
  device: number | undefined,
): number[] {
  const places: number[] = [];
  for (let i = instances.length - 1; i >= 0 && places.length < count; i--)
    if (device === undefined || instances[i]!.device === device) places.push(i);
  return places;
}

/** Who is there, as far as the changes say: what is removed is gone at once, though it may have an execution to end. */
export class Roster {
  readonly #servers: readonly Server[];
  readonly #isServerThere: boolean[];
  readonly #isDeviceThere: boolean[][];
  readonly #changes: readonly Change[];
  readonly #isModelThere: boolean[][];
  readonly #instances: ModelInstance[][][];

  constructor({ servers, changes = [] }: Pick<Scenario, 'servers' | 'changes'>) {
    this.#servers = servers;
    this.#isServerThere = servers.map((_, s) => isServerThereFirst(changes, s));
    this.#isDeviceThere = servers.map(({ devices }, s) =>
      devices.map((_, d) => isDeviceThereFirst(changes, s, d)),
    );
    this.#changes = changes;
    this.#isModelThere = servers.map(() => []);
    this.#instances = servers.map((_, s) => (this.#isServerThere[s] ? this.#configured(s) : this.#none(s)));
  }

  hasServer(server: number): boolean {
    return this.#isServerThere[server]!;
  }

  /** Whether the device is there, be it on a server that is not. */
  hasDevice(server: number, device: number): boolean {
    return device < 0 || this.#isDeviceThere[server]![device]!;
  }

  /** Whether the model is loaded, or being loaded, on a server that is there. */
  hasModel({ server, model }: ModelRef): boolean {
    return this.hasServer(server) && this.#isModelThere[server]![model]!;
  }

  /** Of a model on a server, oldest first. */
  instances({ server, model }: ModelRef): readonly ModelInstance[] {
    return this.#instances[server]![model]!;
  }

  apply(change: Change): void {
    const { server } = change;
    const models = this.#instances[server]!;
    switch (change.do) {
      case 'addInstances':
        models[change.model]!.push(...change.instances);
        return;
      case 'removeInstances': {
        const own = models[change.model]!;
        for (const place of youngest(own, change.count, change.device)) own.splice(place, 1);
        return;
      }
      case 'killInstances':
        // They stay, and take requests.
        return;
      case 'addServer':
        this.#isServerThere[server] = true;
        this.#instances[server] = this.#configured(server);
        return;
      case 'removeServer':
        this.#isServerThere[server] = false;
        this.#instances[server] = this.#none(server);
        return;
      case 'addDevice':
        this.#isDeviceThere[server]![change.device] = true;
        if (!this.hasServer(server)) return;
        for (const [m, { instances }] of this.#servers[server]!.models.entries())
          if (this.hasModel({ server, model: m }))
            models[m]!.push(...instances.filter(({ device }) => device === change.device));
        return;
      case 'removeDevice':
        this.#isDeviceThere[server]![change.device] = false;
        this.#instances[server] = models.map((own) => own.filter(({ device }) => device !== change.device));
        return;
      default:
        this.#isModelThere[server]![change.model] = change.do !== 'unloadModel';
        models[change.model] = change.do === 'unloadModel' ? [] : this.#configuredOf(server, change.model);
    }
  }

  #configured(server: number): ModelInstance[][] {
    return this.#servers[server]!.models.map((_, model) => {
      const isThere = isModelThereFirst(this.#changes, server, model);
      this.#isModelThere[server]![model] = isThere;
      return isThere ? this.#configuredOf(server, model) : [];
    });
  }

  #configuredOf(server: number, model: number): ModelInstance[] {
    const { instances } = this.#servers[server]!.models[model]!;
    return instances.filter(({ device }) => this.hasDevice(server, device));
  }

  #none(server: number): ModelInstance[][] {
    return this.#servers[server]!.models.map(() => []);
  }
}

/**
 * For what has no changes in the middle of a run yet.
 * @param who begins the message, such as `a sweep`
 * @throws InputError when there are any
 */
export function refuseChanges(changes: readonly unknown[] | undefined, who: string, place: Place): void {
  if (changes === undefined || changes.length === 0) return;
  const what = `${who} cannot have servers, devices or instances come and go yet`;
  throw InputError.of(what, 'remove changes', place);
}
