import { isKnownWhoComputes } from '../profile/host-cores.js';
import { FAIR_SHARE, slowdown } from '../profile/interference.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Device, ServedModel } from '../scenario/scenario.js';
import { sharedCoresOf } from '../scenario/shared-cores.js';
import type { ComponentSetup } from './component-run.js';
import { type DeviceModel, SharedDevice, TurnsDevice } from './shared-device.js';
import { coresLaw, mpsLaw, type SharingLaw, streamsLaw, timeSlicesLaw } from './sharing.js';

/** The devices of a component on which executions meet; kinds of executions are its served models. */
export interface SharedDevices {
  readonly models: readonly DeviceModel[];
  /** Index into `models` of a server's device; undefined when executions do not share it. */
  indexOf(server: number, device: number): number | undefined;
}

/** Builds every device on which executions of the component can meet, or run slower than alone, in order of server and device. */
export function buildDevices(setup: ComponentSetup): SharedDevices {
  const models: DeviceModel[] = [];
  const indices = new Map<string, number>();
  const servers = new Set(setup.component.served.map((ref) => ref.server));
  for (const server of servers) {
    setup.scenario.servers[server]!.devices.forEach((device, d) => {
      if (device.sharing.mode === 'exclusive') return;
      const users = usersOf(setup, server, d);
      if (users.length === 0 || (users.length === 1 && runsAsAlone(users[0]!, device))) return;
      indices.set(`${server} ${d}`, models.length);
      models.push(deviceModel(setup, device, server, d));
    });
  }
  return { models, indexOf: (server, device) => indices.get(`${server} ${device}`) };
}

/** The model of each instance that executes on that device. */
function usersOf(setup: ComponentSetup, server: number, device: number): ServedModel[] {
  return setup.served.flatMap((model, m) =>
    setup.component.served[m]!.server === server
      ? model.instances.filter((instance) => instance.device === device).map(() => model)
      : [],
  );
}

/**
 * Whether the executions of the only instance on that device, of which one runs at a time, are as on an exclusive one. On the
 * cores of a host they may meet requests that are taken in, and a share of the multiprocessors is a cap also for one alone.
 */
function runsAsAlone({ pipelined }: ServedModel, device: Device): boolean {
  return pipelined !== true && device.sharing.mode !== 'mps' && sharedCoresOf(device) === undefined;
}

function deviceModel(setup: ComponentSetup, device: Device, server: number, index: number): DeviceModel {
  const { sharing } = device;
  switch (sharing.mode) {
    case 'streams':
      return new SharedDevice(
        sharing.cores === undefined
          ? streamsLaw(slowdowns(setup, server, index, { areClosedLoop: true }))
          : coresLawOf(setup, server, index, sharing.cores),
      );
    case 'mps':
      return new SharedDevice(
        mpsLaw(setup.served.map((model) => sharing.shares.get(model.config.name) ?? 1)),
      );
    case 'timeSlices':
      if (sharing.quantumUs !== undefined)
        return new TurnsDevice(sharing.quantumUs * 1000, sharing.switchOverhead);
      return new SharedDevice(timeSlicesLaw(sharing.switchOverhead));
    default:
      return new SharedDevice(timeSlicesLaw(0));
  }
}

/** Where it is known which models compute, what was not measured costs nothing more than the cores that they share. */
function coresLawOf(setup: ComponentSetup, server: number, device: number, cores: number): SharingLaw {
  const profiles = profilesOn(setup, server, device);
  const crowding = profiles.map((profile) => profile?.interference.crowding ?? 1);
  const needsCore = profiles.map((profile) => (profile?.hostCores.infer ?? 0) > 0);
  const isKnown = isKnownWhoComputes(profiles.filter((profile) => profile !== undefined));
  const unmeasured = isKnown ? 1 : FAIR_SHARE;
  const slowdownsOf = (options: SlowdownOptions) =>
    withRequests(
      slowdowns(setup, server, device, options).map((row) => row.map((value) => value ?? unmeasured)),
    );
  return coresLaw(slowdownsOf({}), cores, {
    ...(isKnown && { needsCore: [...needsCore, true] }),
    crowding: [...crowding, 1],
    // Closed-loop clients whose executions find a core each time find it as they left it.
    keepingCore: slowdownsOf({ areClosedLoop: true }),
  });
}

/** The kind of job that stands for taking requests in, among those of so many served models: it takes a core, and no more. */
export function requestKind({ served }: Pick<ComponentSetup, 'served'>): number {
  return served.length;
}

function withRequests(slowdown: readonly (readonly number[])[]): number[][] {
  return [...slowdown.map((row) => [...row, 1]), slowdown.map(() => 1).concat(1)];
}

interface SlowdownOptions {
  /** Whether it counts that a model has closed-loop clients only. */
  readonly areClosedLoop?: boolean;
}

/** How many times as long an execution of model i takes beside one of model j on this device; undefined where not measured. */
function slowdowns(
  setup: ComponentSetup,
  server: number,
  device: number,
  { areClosedLoop = false }: SlowdownOptions,
): (number | undefined)[][] {
  const profiles = profilesOn(setup, server, device);
  return profiles.map((own, i) => {
    const load = { areClosedLoop: areClosedLoop && setup.areClosedLoop(i) };
    return profiles.map((other) => {
      if (own === undefined || other === undefined) return 1;
      const { slowdown: factor, assumed } = slowdown(own, other.model, other, load);
      return assumed ? undefined : factor;
    });
  });
}

/** The profile of each served model on that device, where it has an instance there. */
function profilesOn(setup: ComponentSetup, server: number, device: number): (ModelProfile | undefined)[] {
  return setup.served.map((model, m) =>
    setup.component.served[m]!.server === server
      ? model.instances.find((instance) => instance.device === device)?.profile
      : undefined,
  );
}
