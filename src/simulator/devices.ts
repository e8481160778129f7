import { slowdown } from '../profile/interference.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Device } from '../scenario/scenario.js';
import type { ComponentSetup } from './component-run.js';
import { type DeviceModel, SharedDevice, TurnsDevice } from './shared-device.js';
import { coresLaw, mpsLaw, streamsLaw, timeSlicesLaw } from './sharing.js';

/** The devices of a component on which executions meet; kinds of executions are its served models. */
export interface SharedDevices {
  readonly models: readonly DeviceModel[];
  /** Index into `models` of a server's device; undefined when executions do not share it. */
  indexOf(server: number, device: number): number | undefined;
}

/** Builds every shared device that an instance of the component uses, in order of server and device. */
export function buildDevices(setup: ComponentSetup): SharedDevices {
  const models: DeviceModel[] = [];
  const indices = new Map<string, number>();
  const servers = new Set(setup.component.served.map((ref) => ref.server));
  for (const server of servers) {
    setup.scenario.servers[server]!.devices.forEach((device, d) => {
      if (device.sharing.mode === 'exclusive' || !isUsed(setup, server, d)) return;
      indices.set(`${server} ${d}`, models.length);
      models.push(deviceModel(setup, device, server, d));
    });
  }
  return { models, indexOf: (server, device) => indices.get(`${server} ${device}`) };
}

function isUsed(setup: ComponentSetup, server: number, device: number): boolean {
  return setup.component.served.some(
    (ref, m) =>
      ref.server === server && setup.served[m]!.instances.some((instance) => instance.device === device),
  );
}

function deviceModel(setup: ComponentSetup, device: Device, server: number, index: number): DeviceModel {
  const { sharing } = device;
  switch (sharing.mode) {
    case 'streams':
      return new SharedDevice(
        sharing.cores === undefined
          ? streamsLaw(slowdowns(setup, server, index))
          : coresLaw(slowdowns(setup, server, index), sharing.cores, computing(setup, server, index)),
      );
    case 'mps':
      return new SharedDevice(
        mpsLaw(setup.served.map((model) => sharing.shares.get(model.config.name) ?? 1)),
      );
    case 'timeSlices':
      if (sharing.quantumUs !== undefined) return new TurnsDevice(sharing.quantumUs * 1000);
      return new SharedDevice(timeSlicesLaw(sharing.switchOverhead));
    default:
      return new SharedDevice(timeSlicesLaw(0));
  }
}

/** Whether models compute on host cores; undefined where no profile of the device counts cores. */
function computing(setup: ComponentSetup, server: number, device: number): boolean[] | undefined {
  const cores = profilesOn(setup, server, device).map((profile) => profile?.hostCores.infer ?? 0);
  return cores.some((count) => count > 0) ? cores.map((count) => count > 0) : undefined;
}

/** How many times as long an execution of model i takes beside one of model j on this device. */
function slowdowns(setup: ComponentSetup, server: number, device: number): number[][] {
  const profiles = profilesOn(setup, server, device);
  return profiles.map((own) =>
    profiles.map((other) =>
      own === undefined || other === undefined ? 1 : slowdown(own, other.model, other).slowdown,
    ),
  );
}

/** The profile of each served model on that device, where it has an instance there. */
function profilesOn(setup: ComponentSetup, server: number, device: number): (ModelProfile | undefined)[] {
  return setup.served.map((model, m) =>
    setup.component.served[m]!.server === server
      ? model.instances.find((instance) => instance.device === device)?.profile
      : undefined,
  );
}
