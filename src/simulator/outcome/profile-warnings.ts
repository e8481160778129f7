import type { Warning } from '../../base/warning.js';
import { sharedCoresOf } from '../../effects/shared-cores.js';
import { isCostless } from '../../profile/costless.js';
import { isKnownWhoComputes } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import { type ProfileUse, regionWarnings } from '../../profile/region.js';
import type { Scenario, ServedModel, Server, Sharing } from '../../scenario/scenario.js';
import type { DeviceUse } from '../result.js';

/** What the busy share of a device is taken from. */
type BusyDevice = Pick<DeviceUse, 'server' | 'device' | 'busyShare'>;

/**
 * What the profiles say about the use that a run made of them.
 * @param executions by batch size (index 0 is unused), of every model of every server, in the scenario's order
 */
export function profileWarnings(
  scenario: Scenario,
  executions: readonly { readonly byBatchSize: ArrayLike<number> }[],
  devices: readonly BusyDevice[],
): Warning[] {
  const found = new Map<string, Warning>();
  const inOrder = executions.values();
  for (const server of scenario.servers) {
    for (const model of server.models) {
      const batchSizesUsed = sizesIn(inOrder.next().value!.byBatchSize);
      for (const device of new Set(model.instances.map((instance) => instance.device))) {
        const profile = profileOn(model, device)!;
        if (isCostless(profile)) continue;
        const use = { batchSizesUsed, ...useOf(server, model, device, devices) };
        for (const warning of regionWarnings(profile, use)) {
          found.set(`${warning.code} ${warning.message}`, warning);
        }
      }
    }
  }
  return [...found.values()];
}

/** How the instances of a model use one device of their server, and what else runs on it. */
function useOf(
  server: Server,
  model: ServedModel,
  device: number,
  devices: readonly BusyDevice[],
): Omit<ProfileUse, 'batchSizesUsed'> {
  const instances = model.instances.filter((instance) => instance.device === device).length;
  const coRunners = server.models.flatMap((other) => {
    const profile = other === model ? undefined : profileOn(other, device);
    return profile === undefined ? [] : [{ model: profile.model, profile }];
  });
  const own = server.devices[device];
  const busy = devices.find((d) => d.server === server.name && d.device === own?.name);
  const shared = own !== undefined && instances + coRunners.length > 1;
  const isOfHost = own !== undefined && sharedCoresOf(own) !== undefined;
  const here = [profileOn(model, device)!, ...coRunners.map(({ profile }) => profile)];
  return {
    instances,
    coRunners,
    ...(busy !== undefined && { utilization: busy.busyShare }),
    ...(shared && { sharing: measuredAs(own.sharing) }),
    ...(isOfHost && { isKnownWhoComputes: isKnownWhoComputes(here) }),
  };
}

/** What calibration calls a mode: on the cores of a host it measures what it measures of streams. */
function measuredAs({ mode }: Sharing): string {
  return mode === 'hostCores' ? 'streams' : mode;
}

/** The profile that the model runs with on that device; undefined where it has no instance there. */
function profileOn(model: ServedModel, device: number): ModelProfile | undefined {
  return model.instances.find((instance) => instance.device === device)?.profile;
}

function sizesIn(byBatchSize: ArrayLike<number>): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < byBatchSize.length; size++) if (byBatchSize[size]! > 0) sizes.push(size);
  return sizes;
}
