import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { InstanceGroup, ModelConfig } from '../model-config.js';
import { demandOf } from '../rate-limits.js';
import type { ModelInstance } from '../scenario.js';
import type { LocatedDevice } from './devices.js';

/**
 * The instances of a model in the order in which Triton starts them (core `backend_model.cc`
 * PrepareInstances): group by group, and within it one on each GPU, `count` times over. Passive
 * groups serve nothing. Instances without a profile are left out; `profileOf` reports them.
 */
export function placeInstances(
  config: ModelConfig,
  devices: readonly LocatedDevice[],
  profileOf: (deviceKind: string) => ModelProfile | undefined,
  about: { readonly server: string; readonly warn: (message: string) => void },
): ModelInstance[] {
  const groups = config.instanceGroups.filter(({ passive }) => !passive);
  const placed = groups.flatMap((group) => {
    if (group.kind === 'KIND_MODEL') about.warn(kindModelMessage(devices));
    const round = devicesOf(group, devices.length).map((device) => ({ device, ...limitsOf(group, device) }));
    return Array.from({ length: group.count }, () => round).flat();
  });
  const profiles = new Map<number, ModelProfile | undefined>();
  for (const { device } of placed) {
    if (!profiles.has(device)) profiles.set(device, profileOf(devices[device]?.device.kind ?? CPU_KIND));
  }
  return placed.flatMap((instance) => {
    const profile = profiles.get(instance.device);
    return profile === undefined ? [] : [{ ...instance, profile }];
  });
}

function limitsOf({ rateLimiter }: InstanceGroup, device: number): Pick<ModelInstance, 'limits'> {
  if (rateLimiter === undefined) return {};
  return { limits: { demand: demandOf(rateLimiter, device), priority: rateLimiter.priority } };
}

/** Where one round of a group's instances runs: indices of devices, -1 for the host. */
export function devicesOf(
  { kind, gpus }: Pick<InstanceGroup, 'kind' | 'gpus'>,
  devices: number,
): readonly number[] {
  if (kind === 'KIND_CPU') return [-1];
  if (kind === 'KIND_MODEL') return [devices > 0 ? 0 : -1];
  return gpus.length > 0 ? gpus : Array.from({ length: devices }, (_, i) => i);
}

function kindModelMessage(devices: readonly LocatedDevice[]): string {
  const where = devices[0]?.device.name ?? 'the host CPU';
  return `a model of KIND_MODEL, or an engine, chooses its devices itself; assumed to run on ${where}`;
}
