import { InputError } from '../../base/problem.js';
import { fullLayouts } from '../../plan/mig-layouts.js';
import { fitsTogether, migLayout } from '../../scenario/mig.js';
import type { DeviceSpec, SharingSpec } from '../../scenario/spec/device-spec.js';
import type { ServedModelSpec, ServerSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { groupsOf, renumbered, slotsOf, withGroups } from './placement.js';
import { isServedElsewhere, modelOn, withServer, withTenantsFollowing } from './placement-moves.js';
import { settled } from './placement-settle.js';
import { repriced, type Shipped } from './placement-shipped.js';

/** Ways to share a whole GPU. */
export const SHARING_MODES = ['exclusive', 'streams', 'timeSlices', 'mps'] as const;

/** One more GPU like the last one of the server. Models whose configuration names no GPU start there, too. */
export function addDevice(spec: ScenarioSpec, server: number, shipped: Shipped): ScenarioSpec {
  const { devices } = spec.servers[server]!;
  const kind = devices.at(-1)?.kind ?? mostUsedKind(spec);
  const last = devices.findLast((device) => device.kind === kind);
  const added: DeviceSpec = {
    name: freeName('gpu', [...devices, ...slotsOf({ devices }).map(({ device }) => device)]),
    kind,
    ...(last?.memoryMb !== undefined && { memoryMb: last.memoryMb }),
    ...(last?.sharing !== undefined && { sharing: last.sharing }),
  };
  const change = (own: ServerSpec) => repriced({ ...own, devices: [...own.devices, added] }, shipped);
  return settled(withServer(spec, server, change), shipped);
}

function mostUsedKind({ servers }: ScenarioSpec): string {
  return servers.flatMap(({ devices }) => devices)[0]?.kind ?? 'Tesla T4';
}

function freeName(word: string, taken: readonly { readonly name: string }[], first = 0): string {
  const names = new Set(taken.map(({ name }) => name));
  let number = first;
  while (names.has(`${word}${number}`)) number++;
  return `${word}${number}`;
}

/**
 * The server without a GPU. A model that was on it alone goes to the GPU beside it, or leaves the server where another
 * serves it.
 * @throws InputError where a model would be served nowhere
 */
export function removeDevice(
  spec: ScenarioSpec,
  server: number,
  gpu: number,
  shipped: Shipped,
): ScenarioSpec {
  const own = spec.servers[server]!;
  const slots = slotsOf(own);
  const rest = slots.filter((slot) => slot.gpu !== gpu);
  const indexOf = (device: number) => {
    const index = rest.indexOf(slots[device]!);
    return index < 0 ? undefined : index;
  };
  const beside = Math.max(
    0,
    rest.findLastIndex((slot) => slot.gpu < gpu),
  );
  const homeless: string[] = [];
  const models = own.models.flatMap((model) => {
    const groups = groupsOf(model, slots.length);
    if (groups.length === 0) return [model];
    const kept = keepsAll(model) && rest.length > 0 ? model : withGroups(model, renumbered(groups, indexOf));
    if (kept !== undefined) return [kept];
    const moved =
      rest.length === 0
        ? undefined
        : withGroups(
            model,
            renumbered(groups, (at) => indexOf(at) ?? beside),
          );
    if (moved === undefined) homeless.push(model.name);
    return moved ?? [];
  });
  for (const name of homeless)
    if (!isServedElsewhere(spec, name, server))
      throw InputError.of(`${name} is served by this GPU only`, 'move it first');
  const devices = own.devices.filter((_, i) => i !== gpu);
  const changed = withServer(spec, server, () => repriced({ ...own, devices, models }, shipped));
  return settled(
    homeless.reduce((next, name) => withTenantsFollowing(next, name, server), changed),
    shipped,
  );
}

/** Whether all groups of a model leave the choice of GPUs to Triton: it then runs on all there are. */
function keepsAll({ config }: ServedModelSpec): boolean {
  if (typeof config === 'string') return true;
  const groups = config.instance_group ?? [];
  return groups.every(({ gpus = [], kind }) => gpus.length === 0 && kind !== 'KIND_CPU');
}

/** A GPU of another kind. It keeps its slices where that kind allows them. */
export function changeKind(
  spec: ScenarioSpec,
  server: number,
  gpu: number,
  kind: string,
  shipped: Shipped,
): ScenarioSpec {
  const { mig, memoryMb: _, ...device } = spec.servers[server]!.devices[gpu]!;
  if (device.kind === kind) return spec;
  const whole =
    mig !== undefined && !allows(kind, mig) ? setMig(spec, server, gpu, undefined, shipped) : spec;
  const keptMig = whole.servers[server]!.devices[gpu]!.mig;
  const { neighbourSlowdown: _measured, ...rest } = device;
  const changed = { ...rest, kind, ...(keptMig !== undefined && { mig: keptMig }) };
  return settled(
    withServer(whole, server, (own) => repriced(withDevice(own, gpu, changed), shipped)),
    shipped,
  );
}

function allows(kind: string, names: readonly string[]): boolean {
  const layout = migLayout(kind);
  const slices = names.map((name) => layout?.slices.find((slice) => slice.name === name));
  return layout !== undefined && slices.every((slice) => slice !== undefined) && fitsTogether(slices, layout);
}

/** Every way to divide a GPU of this kind into slices, none of which leaves room for another. */
export function migChoices(kind: string): readonly (readonly string[])[] {
  const layout = migLayout(kind);
  if (layout === undefined) return [];
  const names = layout.slices.map(({ name }) => name);
  return fullLayouts(layout, names).map((slices) => slices.map(({ name }) => name));
}

/**
 * A GPU divided into slices, or whole again. Models of a whole GPU take the slices in turn; those of slices stay on the one of the
 * same number, as far as there is one.
 */
export function setMig(
  spec: ScenarioSpec,
  server: number,
  gpu: number,
  slices: readonly string[] | undefined,
  shipped: Shipped,
): ScenarioSpec {
  const own = spec.servers[server]!;
  const { mig, sharing: _, neighbourSlowdown, ...device } = own.devices[gpu]!;
  if (slices !== undefined && !allows(device.kind, slices))
    throw InputError.of(`${device.kind} cannot be divided into ${slices.join(' + ')}`);
  const before = slotsOf(own);
  const divided = slices === undefined ? device : { ...device, mig: [...slices] };
  const slowdown = slices !== undefined && neighbourSlowdown !== undefined && { neighbourSlowdown };
  const changed = withDevice(own, gpu, { ...divided, ...slowdown });
  const after = slotsOf(changed);
  const first = before.findIndex((slot) => slot.gpu === gpu);
  const count = slices?.length ?? 1;
  let turn = 0;
  const models = own.models.map((model) => {
    const groups = groupsOf(model, before.length);
    if (groups.length === 0) return model;
    const isHere = groups.some(({ at }) => at.some((each) => before[each]?.gpu === gpu));
    const offset = mig === undefined && isHere ? turn++ : 0;
    const moved = renumbered(groups, (at) => {
      if (before[at]?.gpu === gpu) return first + ((at - first + offset) % count);
      return at < first ? at : at + after.length - before.length;
    });
    return withGroups(model, moved) ?? model;
  });
  return settled(
    withServer(spec, server, () => ({ ...changed, models })),
    shipped,
  );
}

/** How a whole GPU is shared; under MPS its models get equal shares. */
export function setSharing(
  spec: ScenarioSpec,
  server: number,
  gpu: number,
  mode: (typeof SHARING_MODES)[number],
  shipped: Shipped,
): ScenarioSpec {
  const { mig: _, neighbourSlowdown: _of, ...device } = spec.servers[server]!.devices[gpu]!;
  if (device.sharing?.mode === mode) return spec;
  const sharing: SharingSpec =
    mode === 'mps' ? { mode, shares: {} } : mode === 'timeSlices' ? { mode, switchOverhead: 0 } : { mode };
  const whole = spec.servers[server]!.devices[gpu]!.mig
    ? setMig(spec, server, gpu, undefined, shipped)
    : spec;
  return settled(
    withServer(whole, server, (own) => withDevice(own, gpu, { ...device, sharing })),
    shipped,
  );
}

/** A model's share of the multiprocessors of a GPU under MPS, 0 to 1. */
export function setShare(
  spec: ScenarioSpec,
  server: number,
  gpu: number,
  model: string,
  share: number,
): ScenarioSpec {
  const device = spec.servers[server]!.devices[gpu]!;
  if (device.sharing?.mode !== 'mps') throw InputError.of(`${device.name} has no shares`);
  if (!(share > 0 && share <= 1)) throw InputError.of(`${share} is no share`, 'write more than 0, at most 1');
  const sharing = { ...device.sharing, shares: { ...device.sharing.shares, [model]: share } };
  return withServer(spec, server, (own) => withDevice(own, gpu, { ...device, sharing }));
}

/** A server like another one, with its models or empty. Tenants that name their servers send to it, too. */
export function addServer(spec: ScenarioSpec, like: number, isEmpty: boolean): ScenarioSpec {
  const source = spec.servers[like]!;
  const name = freeName(`${source.name.replace(/-copy\d+$/, '').slice(0, 180)}-copy`, spec.servers, 1);
  const sharedBy = (device: DeviceSpec) =>
    isEmpty && device.sharing?.mode === 'mps'
      ? { ...device, sharing: { ...device.sharing, shares: {} } }
      : device;
  const added = {
    ...source,
    name,
    devices: source.devices.map(sharedBy),
    models: isEmpty ? [] : source.models,
  };
  const tenants = spec.tenants.map((tenant) =>
    isEmpty || !tenant.servers?.includes(source.name) || !modelOn(source, tenant.model)
      ? tenant
      : { ...tenant, servers: [...tenant.servers, name] },
  );
  return { ...spec, servers: [...spec.servers, added], tenants };
}

/**
 * The scenario without a server.
 * @throws InputError where it is the last one, or the only one of a model
 */
export function removeServer(spec: ScenarioSpec, server: number): ScenarioSpec {
  const own = spec.servers[server]!;
  if (spec.servers.length === 1) throw InputError.of('this is the last server');
  const only = own.models.find(({ name }) => !isServedElsewhere(spec, name, server));
  if (only !== undefined) throw InputError.of(`${only.name} is served by ${own.name} only`, 'move it first');
  const empty = withServer(spec, server, (each) => ({ ...each, models: [] }));
  const followed = own.models.reduce((next, { name }) => withTenantsFollowing(next, name, server), empty);
  return { ...followed, servers: followed.servers.filter((_, s) => s !== server) };
}

/** What a server costs, as the reader knows it. */
export function setPrice(spec: ScenarioSpec, server: number, usdPerHour: number): ScenarioSpec {
  if (!(usdPerHour >= 0)) throw InputError.of(`${usdPerHour} is no price`, 'write 0 or more');
  return withServer(spec, server, (own) => ({
    ...own,
    machine: { kind: own.machine?.kind ?? own.name, usdPerHour, priceSource: 'as written in the scenario' },
  }));
}

/**
 * The server under another name, wherever the scenario names it.
 * @throws InputError where the name is empty, or that of another server
 */
export function renameServer(spec: ScenarioSpec, server: number, name: string): ScenarioSpec {
  const old = spec.servers[server]!.name;
  if (name === old) return spec;
  if (name.trim() === '') throw InputError.of('a server needs a name', 'write one');
  if (spec.servers.some((each) => each.name === name))
    throw InputError.of(`there is a server ${name} already`, 'write another name');
  // Replicas have a number after the name.
  const renamed = (named: string) =>
    named === old || (named.startsWith(`${old}-`) && /^\d+$/.test(named.slice(old.length + 1)))
      ? name + named.slice(old.length)
      : named;
  const changed = withServer(spec, server, (own) => ({ ...own, name }));
  const tenants = spec.tenants.map((tenant) => ({
    ...tenant,
    ...(tenant.servers && { servers: tenant.servers.map(renamed) }),
  }));
  const changes = spec.changes?.map((change) => ({ ...change, server: renamed(change.server) }));
  return { ...changed, tenants, ...(changes && { changes }) };
}

function withDevice(server: ServerSpec, gpu: number, device: DeviceSpec): ServerSpec {
  return { ...server, devices: server.devices.map((each, i) => (i === gpu ? device : each)) };
}
