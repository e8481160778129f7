import type { ModelProfile } from '../../profile/profile.js';
import type { ModelInstance, ServedModel } from '../../scenario/scenario.js';
import type { ComponentSetup } from '../component-run.js';
import { type DeviceUsers, deviceLaw } from './device-laws.js';
import type { DeviceModel } from './shared-device.js';

/** The devices of a component on which executions meet; kinds of executions are its served models. */
export interface SharedDevices {
  readonly models: readonly DeviceModel[];
  /** Index into `models` of a server's device; undefined when executions do not share it. */
  indexOf(server: number, device: number): number | undefined;
}

/** Builds all such devices, in order of server and device. */
export function buildDevices(setup: ComponentSetup): SharedDevices {
  const models: DeviceModel[] = [];
  const indices = new Map<number, Map<number, number>>();
  const servers = new Set(setup.component.served.map((ref) => ref.server));
  for (const server of servers) {
    const own = new Map<number, number>();
    for (const [device, model] of sharedDevicesOf(setup, server)) {
      own.set(device, models.length);
      models.push(model);
    }
    indices.set(server, own);
  }
  return { models, indexOf: (server, device) => indices.get(server)?.get(device) };
}

/** Devices of a server, by index, on which executions of the component can meet, or run slower than alone. */
export function sharedDevicesOf(setup: ComponentSetup, server: number): Map<number, DeviceModel> {
  const models = new Map<number, DeviceModel>();
  for (const [d, { sharing }] of setup.scenario.servers[server]!.devices.entries()) {
    const users = usersOf(setup, server, d);
    const law = deviceLaw(sharing);
    const isPlain = users.length === 1 && users[0]!.pipelined !== true && law.isExclusiveAlone(sharing);
    const model = users.length === 0 || isPlain ? undefined : law.device(sharing, kindsOn(setup, server, d));
    if (model !== undefined) models.set(d, model);
  }
  return models;
}

/** The model of each instance that executes on that device. */
function usersOf(setup: ComponentSetup, server: number, device: number): ServedModel[] {
  return setup.served.flatMap((model, m) =>
    setup.component.served[m]!.server === server
      ? setup
          .instancesEver(m)
          .filter((instance) => instance.device === device)
          .map(() => model)
      : [],
  );
}

function kindsOn(setup: ComponentSetup, server: number, device: number): DeviceUsers {
  return {
    models: setup.served.map(({ config }) => config.name),
    profiles: setup.served.map((_, m) =>
      setup.component.served[m]!.server === server ? profileOn(setup.instancesEver(m), device) : undefined,
    ),
  };
}

/** The profile of those instances that run on a device, if any does. */
function profileOn(instances: readonly ModelInstance[], device: number): ModelProfile | undefined {
  return instances.find((instance) => instance.device === device)?.profile;
}
