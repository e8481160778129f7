import { CPU_KIND } from '../../profile/host-cores.js';
import type { Device, ModelInstance, ServedModel, Sharing } from '../scenario.js';

/** Executions that hold a lock run to their end, in order of arrival. */
const TURNS: Sharing = { mode: 'timeSlices', switchOverhead: 0, quantumUs: Number.POSITIVE_INFINITY };

/**
 * Instances on the host whose profiles say what co-runners cost them, or that they keep cores busy, meet on a device of their own: `cpu`,
 * where all run at once and slow each other by the measured slowdowns, and one device more for each
 * group of models that take turns. Other host instances stay as they are (device -1).
 */
export function withCpuDevices(
  devices: readonly Device[],
  models: readonly ServedModel[],
  cores?: number,
): { readonly devices: readonly Device[]; readonly models: readonly ServedModel[] } {
  const all = [...devices];
  const indexOf = (wanted: string, sharing: Sharing): number => {
    let name = wanted;
    // A GPU may have any name, and is no place for what runs on the host.
    while (devices.some((device) => device.name === name)) name = `host ${name}`;
    const known = all.findIndex((device) => device.name === name);
    if (known >= 0) return known;
    return all.push({ name, kind: CPU_KIND, memoryMb: Number.POSITIVE_INFINITY, sharing }) - 1;
  };
  const groupOf = turnGroups(models);
  const place = (instance: ModelInstance): ModelInstance => {
    if (instance.device >= 0) return instance;
    const { interference, hostCores } = instance.profile;
    const group = groupOf(instance.profile.model);
    if (group !== undefined) return { ...instance, device: indexOf(`cpu turns of ${group}`, TURNS) };
    const computes = hostCores.infer > 0 && cores !== undefined;
    if (interference.self === undefined && interference.pairs.length === 0 && !computes) return instance;
    return {
      ...instance,
      device: indexOf('cpu', cores === undefined ? { mode: 'streams' } : { mode: 'hostCores', cores }),
    };
  };
  const placed = models.map((model) => ({ ...model, instances: model.instances.map(place) }));
  return { devices: all, models: placed };
}

/** Names the group of models that take turns with a model after its first member; undefined where it takes none. */
function turnGroups(models: readonly ServedModel[]): (model: string) => string | undefined {
  const leader = new Map<string, string>();
  const find = (model: string): string => {
    const next = leader.get(model);
    return next === undefined || next === model ? model : find(next);
  };
  for (const { instances } of models) {
    for (const { profile } of instances) {
      for (const other of profile.interference.mutuallyExclusiveWith ?? []) {
        const [first, second] = [find(profile.model), find(other)].sort();
        leader.set(first!, first!);
        leader.set(second!, first!);
      }
    }
  }
  return (model) => (leader.has(model) ? find(model) : undefined);
}
