import type { Price } from '../../cost/cost.js';
import { priceMachine } from '../../cost/machine-price.js';
import { isRecalled } from '../../cost/price-book.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { ProfileFile } from '../../scenario/resources.js';
import type { Machine } from '../../scenario/scenario.js';
import type { ServedModelSpec, ServerSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { standInFor } from '../../scenario/starter/stand-in.js';
import { knownGpu } from '../../sweep/known-gpus.js';
import { configOf, countsOf, HOST, slotsOf } from './placement.js';

/** What an edit may take from: profiles by the path that a scenario writes for them, and the price book. */
export interface Shipped {
  readonly profiles: Readonly<Record<string, readonly ProfileFile[]>>;
  readonly prices: readonly Price[];
}

/** Before the name of a folder of profiles that perseus ships, or of one of them. */
const SHIPPED = 'shipped:';

export function profileOn(
  spec: Pick<ScenarioSpec, 'profiles'>,
  model: ServedModelSpec,
  kind: string,
  { profiles }: Pick<Shipped, 'profiles'>,
): ModelProfile | undefined {
  const wanted = model.profile ?? model.name;
  for (const path of spec.profiles)
    for (const { profile } of profiles[path] ?? [])
      if (profile.model === wanted && profile.device === kind) return profile;
  return undefined;
}

/** The scenario where models that lack a profile on their device have a shipped one, as far as there is one. */
export function withShippedProfiles(spec: ScenarioSpec, shipped: Shipped): ScenarioSpec {
  let { profiles } = spec;
  const servers = spec.servers.map((server) => ({
    ...server,
    models: server.models.map((model) => {
      const kinds = kindsOf(server, model);
      const missing = kinds.filter((kind) => profileOn({ profiles }, model, kind, shipped) === undefined);
      if (missing.length === 0 || (model.calls !== undefined && model.profile === undefined)) return model;
      const found = choose(profiles, model, kinds, shipped);
      if (found === undefined) return model;
      profiles = [...new Set([...profiles, ...found.paths])];
      return found.name === (model.profile ?? model.name) ? model : { ...model, profile: found.name };
    }),
  }));
  return { ...spec, profiles, servers };
}

function kindsOf(server: ServerSpec, model: ServedModelSpec): readonly string[] {
  const slots = slotsOf(server);
  const devices = [...countsOf(model, slots.length).keys()];
  return [...new Set(devices.flatMap((at) => (at === HOST ? [CPU_KIND] : (slots[at]?.device.kind ?? []))))];
}

interface Candidate {
  readonly path: string;
  readonly isOwn: boolean;
  readonly profile: ModelProfile;
}

/** A scenario names one profile for all devices of a model, so that all kinds need one of that name. */
function choose(
  paths: readonly string[],
  model: ServedModelSpec,
  kinds: readonly string[],
  { profiles }: Shipped,
): { readonly name: string; readonly paths: readonly string[] } | undefined {
  const candidates = Object.entries(profiles).flatMap(([path, files]): Candidate[] => {
    const isOwn = paths.includes(path);
    const isOne = path.startsWith(SHIPPED) && path.includes('/');
    return isOwn || isOne ? files.map(({ profile }) => ({ path, isOwn, profile })) : [];
  });
  const ownFirst = candidates.sort((a, b) => Number(b.isOwn) - Number(a.isOwn));
  const all = ownFirst.map(({ path, profile }) => ({ folder: path, profile }));
  const { platform = '', backend = '' } = configOf(model) ?? {};
  const standIns = [model.name, model.profile ?? model.name].flatMap((name) =>
    kinds.map((kind) => standInFor({ name, platform, backend }, kind, all)?.profile.model),
  );
  for (const name of [model.profile ?? model.name, ...standIns]) {
    const found = kinds.map((kind) =>
      ownFirst.find(({ profile }) => profile.model === name && profile.device === kind),
    );
    if (name !== undefined && found.every((each) => each !== undefined))
      return { name, paths: found.map((each) => each!.path) };
  }
  return undefined;
}

/** A server priced anew by the GPUs that it has; where the price book lacks one of them it keeps its price and says so. */
export function repriced(server: ServerSpec, { prices }: Shipped): ServerSpec {
  const { machine, devices } = server;
  if (machine?.usdPerHour === undefined || machine.usdPerHour === 0 || devices.length === 0) return server;
  const parts = [...new Set(devices.map(({ kind }) => kind))].map((kind) =>
    priceOf(kind, devices.filter((device) => device.kind === kind).length, prices),
  );
  if (parts.every((part) => part !== undefined)) {
    const [kind, priceSource] = (['kind', 'priceSource'] as const).map((key) =>
      parts.map((part) => part[key]).join(' + '),
    );
    const usdPerHour = parts.reduce((sum, part) => sum + part.usdPerHour, 0);
    return { ...server, machine: { kind: kind!, usdPerHour, priceSource: priceSource! } };
  }
  return { ...server, machine: { ...machine, priceSource: PRICE_UNKNOWN } };
}

/** The source of a price that was kept although the machine is another. */
export const PRICE_UNKNOWN = 'unknown: the price book has no such machine, the price before is kept';

/** A machine with so many GPUs of a kind, else so many machines with one each. */
function priceOf(kind: string, count: number, prices: readonly Price[]): Machine | undefined {
  const rows = prices
    .filter((row) => row.scope === 'instance' && row.gpu === shortKind(kind) && !isRecalled(row))
    .sort((a, b) => a.usdPerHour - b.usdPerHour);
  const exact = rows.find(({ gpuCount }) => gpuCount === count && count > 1);
  if (exact !== undefined) return pricedRow(exact, prices);
  const known = knownGpu(kind)?.machine;
  const single = rows.find(({ gpuCount }) => gpuCount === 1);
  const one =
    known !== undefined ? pricedKnown(known, prices) : single !== undefined && pricedRow(single, prices);
  if (!one || count === 1) return one || undefined;
  const [name, priceSource] = [one.kind, one.priceSource].map((text) => `${count} × ${text}`);
  return { kind: name!, usdPerHour: one.usdPerHour * count, priceSource: priceSource! };
}

function pricedRow({ sku, provider, region }: Price, prices: readonly Price[]): Machine {
  return priceMachine({ prices }, sku, [{ sku, provider, region }]);
}

function pricedKnown(
  { kind, usdPerHour, priceSource = '', price = [] }: NonNullable<ReturnType<typeof knownGpu>>['machine'],
  prices: readonly Price[],
): Machine {
  return usdPerHour === undefined ? priceMachine({ prices }, kind, price) : { kind, usdPerHour, priceSource };
}

/** The name of a GPU in the price book. */
function shortKind(kind: string): string {
  return kind.replace(/^(NVIDIA |Tesla )+/, '').replace(/-(SXM|PCIe)\b/, '');
}
