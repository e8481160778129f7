import {
  type Change,
  isDeviceThereFirst,
  isModelThereFirst,
  isServerThereFirst,
  youngest,
} from '../../scenario/changes.js';
import type { ModelInstance } from '../../scenario/scenario.js';
import type { Departure } from '../component-result.js';
import { createHost, type Host, type HostListener } from './host.js';
import { createServed, type Served, type ServedListener } from './served.js';
import type { World } from './world.js';

/** More than a server is ever started. */
const LOADS_FROM = 1e6;

/** Starts servers, and has servers, devices and instances come and go as the scenario says. */
export class Servers {
  /** What was removed, and when the last that it held had ended; Infinity: not within the run. */
  readonly departures: Departure[] = [];
  readonly #world: World;
  readonly #listener: HostListener & ServedListener;
  /** The server that takes requests now, by its index in the scenario. */
  readonly #open = new Map<number, Host>();
  readonly #all: readonly Change[];
  #loads = 0;
  readonly #starts = new Map<number, number>();
  /** Devices that are not there, as `server device`. */
  readonly #missing = new Set<string>();

  constructor(world: World, listener: HostListener & ServedListener) {
    this.#world = world;
    this.#listener = listener;
    const { scenario, changes, component } = world.setup;
    this.#all = changes.map(({ change }) => change);
    const all = this.#all;
    const indices = new Set(component.served.map(({ server }) => server));
    for (const server of indices) {
      for (const device of scenario.servers[server]!.devices.keys())
        if (!isDeviceThereFirst(all, server, device)) this.#missing.add(`${server} ${device}`);
    }
    for (const server of indices) if (isServerThereFirst(all, server)) this.#start(server);
  }

  /** The change at that place among those of the component comes now. */
  apply(place: number): void {
    const { change, index } = this.#world.setup.changes[place]!;
    const host = this.#open.get(change.server);
    if (change.do === 'addServer') this.#start(change.server);
    else if (change.do === 'addDevice') this.#addDevice(change, host);
    else if (host === undefined) return;
    else if (change.do === 'removeServer') this.#close(host, index, change.refusesOnTheWay);
    else if (change.do === 'removeDevice') this.#removeDevice(host, index, change.device);
    else if (change.do === 'addInstances' || change.do === 'removeInstances') this.#changeInstances(change);
    else if (change.do === 'killInstances') this.#kill(change);
    else if (change.do === 'unloadModel') this.#world.open[this.#placeOf(change)]!.isLoaded = false;
    else this.#load(this.#placeOf(change), host);
  }

  /** A server that is to go, or a device of it, is gone with the last that it holds. */
  settle(host: Host): void {
    host.leaving = host.leaving.filter(({ change, device }) => {
      if (device === undefined ? this.#isBusy(host) : host.executingOn[device]! > 0) return true;
      this.departures.push({ change, atNs: this.#world.nowNs });
      if (device === undefined) this.#retire(host);
      return false;
    });
  }

  /** What is still to go when the run ends does not go within it. */
  runEnded(): void {
    for (const { leaving } of this.#world.hosts)
      for (const { change } of leaving) this.departures.push({ change, atNs: Infinity });
  }

  #start(server: number): void {
    const world = this.#world;
    const times = this.#starts.get(server) ?? 0;
    this.#starts.set(server, times + 1);
    const host = createHost(world, server, times, this.#listener);
    world.hosts.push(host);
    this.#open.set(server, host);
    for (const [index, ref] of world.setup.component.served.entries()) {
      if (ref.server !== server) continue;
      const isLoaded = isModelThereFirst(this.#all, server, ref.model);
      const instances = isLoaded ? this.#configured(index) : [];
      world.open[index] = createServed(world, index, { host, instances, times, isLoaded }, this.#listener);
    }
  }

  /** A version of a model is ready: all that come go to it, and the one before serves what it has. */
  #load(index: number, host: Host): void {
    const world = this.#world;
    const before = world.open[index]!;
    before.isLoaded = false;
    this.#loads++;
    // Its random numbers are those of no start of the server.
    const times = LOADS_FROM + this.#loads;
    const place = { host, instances: this.#configured(index), times };
    world.open[index] = createServed(world, index, place, this.#listener);
  }

  #configured(index: number): ModelInstance[] {
    const { component, served } = this.#world.setup;
    const { server } = component.served[index]!;
    return served[index]!.instances.filter(({ device }) => this.#has(server, device));
  }

  /** Nothing is sent to it any more. */
  #close(host: Host, change: number, refuses: boolean): void {
    this.#open.delete(host.index);
    for (const served of this.#servedBy(host)) this.#world.open[served.index] = undefined;
    host.refuses = refuses;
    host.leaving.push({ change });
    this.settle(host);
  }

  #addDevice({ server, device }: { readonly server: number; readonly device: number }, host?: Host): void {
    this.#missing.delete(`${server} ${device}`);
    if (host === undefined) return;
    // One that has not gone yet stays.
    this.#conclude(host, device);
    for (const served of this.#servedBy(host).filter(({ isLoaded }) => isLoaded))
      this.#add(
        served,
        this.#world.setup.served[served.index]!.instances.filter((instance) => instance.device === device),
      );
  }

  #removeDevice(host: Host, change: number, device: number): void {
    this.#missing.add(`${host.index} ${device}`);
    for (const served of this.#servedBy(host)) this.#remove(served, Infinity, device);
    host.leaving.push({ change, device });
    this.settle(host);
  }

  #conclude(host: Host, device: number): void {
    for (const leaving of host.leaving)
      if (leaving.device === device)
        this.departures.push({ change: leaving.change, atNs: this.#world.nowNs });
    host.leaving = host.leaving.filter((leaving) => leaving.device !== device);
  }

  #changeInstances(change: Extract<Change, { readonly do: 'addInstances' | 'removeInstances' }>): void {
    const served = this.#world.open[this.#placeOf(change)]!;
    if (change.do === 'addInstances') this.#add(served, change.instances);
    else this.#remove(served, change.count, change.device);
  }

  /** They stay where they are, and take requests. */
  #kill(change: Extract<Change, { readonly do: 'killInstances' }>): void {
    const served = this.#world.open[this.#placeOf(change)]!;
    const alive = served.staying.filter((instance) => !served.dead.has(instance));
    for (const instance of alive.slice(0, change.count)) {
      served.dead.add(instance);
      this.#listener.died(served, instance);
    }
  }

  /** The place of a model among the component's served models. */
  #placeOf(change: { readonly server: number; readonly model: number }): number {
    return this.#world.setup.component.served.findIndex(
      ({ server, model }) => server === change.server && model === change.model,
    );
  }

  #add(served: Served, instances: readonly ModelInstance[]): void {
    for (const instance of instances) {
      served.instances.push(instance);
      this.#world.setup.instances[served.index]!.push(instance);
      served.run.addInstance(instance);
      served.staying.push(served.server.addInstance(this.#world.nowNs));
    }
    this.#world.touch(served);
  }

  #remove(served: Served, count: number, device: number | undefined): void {
    const there = served.staying.map((number) => served.instances[number]!);
    for (const place of youngest(there, count, device)) {
      const [instance] = served.staying.splice(place, 1);
      served.server.removeInstance(instance!, this.#world.nowNs);
    }
    this.#world.touch(served);
  }

  /** Whether it has requests or executions, or waits for requests that were sent to it. */
  #isBusy({ requests, onTheWay, executing, refuses }: Host): boolean {
    return requests > 0 || executing > 0 || (!refuses && onTheWay > 0);
  }

  #retire(host: Host): void {
    const { actors, nowNs } = this.#world;
    host.cores?.of.addBackground(-(host.server.backgroundCores ?? 0), nowNs);
    const parts = [host.cores, host.requestLink, host.responseLink, ...host.devices.values()];
    for (const part of parts) if (part !== undefined) actors.remove(part.actor);
    for (const { actor } of this.#servedBy(host)) actors.remove(actor);
  }

  #servedBy(host: Host): Served[] {
    return this.#world.served.filter((served) => served.host === host);
  }

  #has(server: number, device: number): boolean {
    return !this.#missing.has(`${server} ${device}`);
  }
}
