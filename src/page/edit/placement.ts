import { resolveDevices } from '../../scenario/check/devices.js';
import { Findings } from '../../scenario/check/findings.js';
import { devicesOf } from '../../scenario/check/instances.js';
import type { Device } from '../../scenario/scenario.js';
import type { ServedModelSpec, ServerSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import type { ModelConfigFields } from '../../scenario/triton/fields.js';
import { interpretInstanceGroups } from '../../scenario/triton/instance-groups.js';

/** The cores of the host, where a device is asked for. */
export const HOST = -1;

/** Where instances are: indices of a server and of its devices as Triton counts them, each MIG slice by itself. */
export interface Place {
  readonly server: number;
  /** {@link HOST} for the host's cores. */
  readonly device: number;
}

/** A GPU, or a MIG slice of one. */
export interface Slot {
  readonly device: Device;
  /** Index of its GPU among the devices of the server's spec. */
  readonly gpu: number;
}

/** What a server has, in the order of Triton's ids. */
export function slotsOf({ devices }: Pick<ServerSpec, 'devices'>): readonly Slot[] {
  const located = resolveDevices(devices, [], new Findings(() => ({})));
  return located.map(({ device, path }) => ({ device, gpu: Number(path[0]) }));
}

export interface Group {
  readonly written: Readonly<Record<string, unknown>>;
  readonly count: number;
  readonly at: readonly number[];
  readonly passive: boolean;
}

/** The configuration, where it is in the scenario and not in a file. */
export function configOf({ config }: ServedModelSpec): ModelConfigFields | undefined {
  return typeof config === 'string' ? undefined : config;
}

/** The scenario with another form of a model wherever it is served. */
export function withServed(
  spec: ScenarioSpec,
  name: string,
  change: (model: ServedModelSpec, server: ServerSpec) => ServedModelSpec,
): ScenarioSpec {
  const servers = spec.servers.map((server) => ({
    ...server,
    models: server.models.map((model) => (model.name === name ? change(model, server) : model)),
  }));
  return { ...spec, servers };
}

/** The groups of a model with Triton's defaults, every device written out; none of an ensemble. */
export function groupsOf(model: ServedModelSpec, devices: number): readonly Group[] {
  const fields = configOf(model);
  if (fields === undefined || fields.ensemble_scheduling !== undefined) return [];
  const groups = interpretInstanceGroups(fields, { name: model.name, devices }, () => {});
  return groups.map((group, i) => ({
    written: { name: group.name, ...fields.instance_group?.[i] },
    count: group.count,
    passive: group.passive,
    at: devicesOf(group, devices),
  }));
}

/** The model with other groups; undefined where no instance is left. */
export function withGroups(model: ServedModelSpec, groups: readonly Group[]): ServedModelSpec | undefined {
  const kept = groups.filter(({ at, count }) => at.length > 0 && count > 0);
  if (kept.every(({ passive }) => passive)) return undefined;
  const written = kept.flatMap((group) => {
    const { kind: _, gpus: _gpus, ...rest } = group.written;
    const onHost = group.at.includes(HOST);
    const gpus = group.at.filter((device) => device !== HOST);
    return [
      ...(onHost ? [{ ...rest, kind: 'KIND_CPU', count: group.count }] : []),
      ...(gpus.length > 0 ? [{ ...rest, kind: 'KIND_GPU', count: group.count, gpus }] : []),
    ];
  });
  return { ...model, config: { ...configOf(model)!, instance_group: written as never } };
}

export function countOn(groups: readonly Group[], device: number): number {
  return groups
    .filter(({ at, passive }) => !passive && at.includes(device))
    .reduce((sum, { count }) => sum + count, 0);
}

/** Instances of a model on each device that has any. */
export function countsOf(model: ServedModelSpec, devices: number): ReadonlyMap<number, number> {
  const groups = groupsOf(model, devices);
  const places = new Set(groups.flatMap(({ at, passive }) => (passive ? [] : at)));
  return new Map([...places].sort((a, b) => a - b).map((device) => [device, countOn(groups, device)]));
}

/** More instances on a device: in a group of that device alone, where there is one. */
export function withMore(groups: readonly Group[], device: number, count: number): readonly Group[] {
  const own = groups.findIndex(({ at, passive }) => !passive && at.length === 1 && at[0] === device);
  if (own < 0) return [...groups, { written: {}, count, at: [device], passive: false }];
  return groups.map((group, i) => (i === own ? { ...group, count: group.count + count } : group));
}

/** Fewer instances on a device, those of the last groups first. */
export function withFewer(groups: readonly Group[], device: number, count: number): readonly Group[] {
  let left = count;
  const rest = [...groups].reverse().flatMap((group): Group[] => {
    if (group.passive || !group.at.includes(device) || left === 0) return [group];
    const gone = Math.min(left, group.count);
    left -= gone;
    const others = { ...group, at: group.at.filter((each) => each !== device) };
    const stays = { ...group, written: {}, count: group.count - gone, at: [device] };
    return others.at.length === 0 ? [{ ...stays, written: group.written }] : [stays, others];
  });
  return rest.reverse().filter((group) => group.count > 0);
}

/** The same groups where devices have other indices; those that are gone have none. */
export function renumbered(
  groups: readonly Group[],
  indexOf: (device: number) => number | undefined,
): readonly Group[] {
  return groups.flatMap((group) => {
    const places = group.at.flatMap((device) => (device === HOST ? [HOST] : (indexOf(device) ?? [])));
    const at = [...new Set(places)];
    if (at.length === places.length) return [{ ...group, at }];
    // Devices that become one have the instances of all.
    const times = (device: number) => places.filter((each) => each === device).length;
    return at.map((device) => ({ ...group, at: [device], count: group.count * times(device) }));
  });
}
