import type { ComponentSetup } from '../component-run.js';
import type { SharedDevices } from '../resources/devices.js';

/** Served models of a component, and the shared devices on which they run, as both are counted in the component. */
export interface DeviceGroup {
  readonly models: readonly number[];
  readonly devices: readonly number[];
}

/** All models of the component. */
export function wholeGroup({ served }: ComponentSetup, { models }: SharedDevices): DeviceGroup {
  return { models: [...served.keys()], devices: [...models.keys()] };
}

/** Models that share no device with each other are in groups of their own: once their arrivals are known, they never meet. */
export function apartGroups(setup: ComponentSetup, devices: SharedDevices): DeviceGroup[] {
  let groups: DeviceGroup[] = [];
  for (const [model, { instances }] of setup.served.entries()) {
    const { server } = setup.component.served[model]!;
    const own = instances.flatMap(({ device }) => devices.indexOf(server, device) ?? []);
    const met = groups.filter((group) => group.devices.some((device) => own.includes(device)));
    groups = groups.filter((group) => !met.includes(group));
    groups.push({
      models: [...met.flatMap(({ models }) => models), model].sort((a, b) => a - b),
      devices: [...new Set([...met.flatMap((group) => group.devices), ...own])].sort((a, b) => a - b),
    });
  }
  return groups;
}
