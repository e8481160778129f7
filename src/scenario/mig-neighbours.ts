import { remembered } from '../base/remembered.js';
import type { ModelProfile } from '../profile/profile.js';
import { slowerService } from '../profile/slower.js';
import { isMigSlice } from './mig.js';
import type { Device, Server } from './scenario.js';

/** How many times as long executions on a slice take while others of its GPU are busy: they share its power. */
export interface NeighbourSlowdown {
  readonly least: number;
  readonly most: number;
}

/**
 * What was measured, by kind of GPU, of a slice whose neighbours are busy against one that is alone, in MLPerf Inference. A100:
 * Offline of v1.0's `HeteroMultiUse`, 1.2 to 2.2 %. A30: Offline of v2.0's 32 slices of eight GPUs, 9 % (ResNet-50), 10 %
 * (SSD-ResNet34) and 25 % (BERT), where the eight share a host, too: the least is half of what ResNet-50 lost.
 */
const MEASURED: readonly (NeighbourSlowdown & { readonly kind: RegExp })[] = [
  { kind: /\bA30\b/i, least: 1.05, most: 1.25 },
  { kind: /\bA100\b/i, least: 1, most: 1.02 },
];

/** Of GPUs of which nothing was measured: as little, or as much, as of any. */
const ANY: NeighbourSlowdown = { least: 1, most: 1.25 };

/** @param kind of the GPU, or of a slice of it */
export function neighbourSlowdown(kind: string): NeighbourSlowdown {
  return MEASURED.find((row) => row.kind.test(kind)) ?? ANY;
}

/** What its neighbours cost a slice of a server; undefined where none serves a model, or it is no slice. */
function costOn(
  { devices, models }: Pick<Server, 'devices' | 'models'>,
  index: number,
): NeighbourSlowdown | undefined {
  const own = devices[index];
  if (own?.neighbours !== undefined) return own.neighbours;
  if (own?.sharing.mode !== 'mig') return undefined;
  const { parent, neighbourSlowdown: given } = own.sharing;
  const isNeighbour = (device: Device | undefined) =>
    device !== undefined &&
    device !== own &&
    device.sharing.mode === 'mig' &&
    device.sharing.parent === parent;
  const isBusy = models.some(({ instances }) => instances.some(({ device }) => isNeighbour(devices[device])));
  if (!isBusy) return undefined;
  return given === undefined ? neighbourSlowdown(own.kind) : { least: given, most: given };
}

/** The slices of a server that serve models beside others that do, and what that costs. */
export function slicesWithNeighbours(
  server: Pick<Server, 'devices' | 'models'>,
): readonly { readonly device: Device; readonly cost: NeighbourSlowdown }[] {
  return server.devices.flatMap((device, index) => {
    const cost = costOn(server, index);
    const isUsed = server.models.some(({ instances }) => instances.some((each) => each.device === index));
    return cost === undefined || !isUsed ? [] : [{ device, cost }];
  });
}

/** The models of a server where executions on slices take so many times as long, by what their neighbours cost. */
export function modelsBesideNeighbours(
  server: Pick<Server, 'devices' | 'models'>,
  timesOf: (cost: NeighbourSlowdown) => number,
): Server['models'] {
  const slower = new Map<string, ModelProfile>();
  return server.models.map((model, m) => ({
    ...model,
    instances: model.instances.map((instance) => {
      const cost = costOn(server, instance.device);
      const times = cost === undefined ? 1 : timesOf(cost);
      if (times === 1) return instance;
      const find = () => slowerOnSlice(instance.profile, times);
      return { ...instance, profile: remembered(slower, `${m} ${instance.device}`, find) };
    }),
  }));
}

/** A profile of a slice whose executions take so many times as long; requests come and go as before. */
export function slowerOnSlice(profile: ModelProfile, times: number): ModelProfile {
  return times === 1 ? profile : { ...profile, service: slowerService(profile.service, times) };
}

/** Of a kind of device whose neighbours are not known: any slice but a whole GPU may get some. */
export function slowdownOfSlice(kind: string, given: number | undefined): NeighbourSlowdown {
  const times = isMigSlice(kind) ? given : 1;
  return times === undefined ? neighbourSlowdown(kind) : { least: times, most: times };
}
