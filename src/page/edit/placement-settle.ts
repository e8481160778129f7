import type { DeviceSpec } from '../../scenario/spec/device-spec.js';
import type { ServerSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { countsOf, slotsOf } from './placement.js';
import { type Shipped, withShippedProfiles } from './placement-shipped.js';

/** What follows from an edit: profiles of models on another kind of device, and shares of those that came or went. */
export function settled(spec: ScenarioSpec, shipped: Shipped): ScenarioSpec {
  return withShippedProfiles({ ...spec, servers: spec.servers.map(withShares) }, shipped);
}

function withShares(server: ServerSpec): ServerSpec {
  if (!server.devices.some(isMps)) return server;
  const slots = slotsOf(server);
  const devices = server.devices.map((device, gpu) => {
    if (device.sharing?.mode !== 'mps') return device;
    const at = slots.findIndex((slot) => slot.gpu === gpu);
    const here = server.models
      .filter((model) => countsOf(model, slots.length).has(at))
      .map(({ name }) => name);
    return { ...device, sharing: { ...device.sharing, shares: sharesFor(here, device.sharing.shares) } };
  });
  return { ...server, devices };
}

function isMps({ sharing }: DeviceSpec): boolean {
  return sharing?.mode === 'mps';
}

/** Less than this of a device is no offer to a model that comes. */
const LEAST_SHARE = 0.05;

/** Who is there keeps its share. Who comes gets what is free; where that is too little, all give way alike. */
function sharesFor(models: readonly string[], before: Readonly<Record<string, number>>) {
  const kept = models.filter((name) => Object.hasOwn(before, name));
  const comers = models.length - kept.length;
  const free = rounded(1 - kept.reduce((sum, name) => sum + before[name]!, 0));
  const isEnough = free / comers >= LEAST_SHARE;
  const scale = isEnough || comers === 0 ? 1 : kept.length / models.length;
  const share = isEnough ? free / comers : 1 / models.length;
  return Object.fromEntries(
    models.map((name) => [
      name,
      Object.hasOwn(before, name) ? rounded(before[name]! * scale) : floored(share),
    ]),
  );
}

function rounded(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

function floored(share: number): number {
  return Math.floor(share * 1e6 + 1e-3) / 1e6;
}
