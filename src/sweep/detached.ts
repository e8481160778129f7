import type { ModelProfile } from '../profile/profile.js';
import { renumbered } from '../scenario/composition.js';
import type { ModelInstance, Scenario, ServedModel, Server, Tenant } from '../scenario/scenario.js';
import type { LoadSpec, TenantSpec } from '../scenario/spec/tenant-spec.js';
import { type Component, type ServedRef, serversOf } from '../simulator/partition.js';
import { type Digest, decodeValue, encodeValue } from './content.js';

/**
 * A checked scenario as a small value that can be sent anywhere and has one address: profiles and
 * traces stand in it by the hashes of their content, and arrivals by what they are drawn from.
 */
export interface DetachedScenario {
  readonly seed: number | string;
  readonly durationUs: number;
  readonly warmUpUs: number;
  readonly servers: readonly DetachedServer[];
  readonly tenants: readonly DetachedTenant[];
}

export type DetachedServer = Omit<Server, 'models'> & { readonly models: readonly DetachedModel[] };
export type DetachedModel = Omit<ServedModel, 'instances'> & {
  readonly instances: readonly (Omit<ModelInstance, 'profile'> & { readonly profile: string })[];
};
export type DetachedTenant = Omit<Tenant, 'load'> & { readonly load: DetachedLoad };

type OpenLoad = Extract<Tenant['load'], { mode: 'open' }>;
type CappedLoad = Extract<Tenant['load'], { mode: 'capped' }>;
type ClosedLoad = Extract<Tenant['load'], { mode: 'closed' }>;
export type DetachedLoad =
  | ClosedLoad
  | (Omit<OpenLoad, 'trace'> & { readonly arrivals: ArrivalRecipe })
  | (Omit<CappedLoad, 'trace'> & { readonly arrivals: ArrivalRecipe });

/** All that a tenant's arrivals depend on, but for the seed. */
export interface ArrivalRecipe {
  readonly tenant: string;
  /** As the scenario file says it, with the content's hash in place of a trace file's path. */
  readonly load: LoadSpec;
  readonly batchSize: TenantSpec['batchSize'];
  readonly sequences?: NonNullable<TenantSpec['sequences']>;
  /** Length of the run, where the scenario states it. */
  readonly statedUs: number | undefined;
}

/** Gives hashes of the content of what a scenario refers to. */
export interface ContentHashes {
  readonly profile: (profile: ModelProfile) => string;
  /** Of the trace file of that path in the scenario. */
  readonly trace: (file: string) => string;
}

/** Takes profiles and arrivals out of a scenario; `specs` are its tenants as the file has them. */
export function detachScenario(
  scenario: Scenario,
  specs: readonly TenantSpec[],
  statedUs: number | undefined,
  hashes: ContentHashes,
): DetachedScenario {
  const { seed, durationUs, warmUpUs } = scenario;
  return {
    seed,
    durationUs,
    warmUpUs,
    servers: scenario.servers.map((server) => ({
      ...server,
      models: server.models.map((model) => ({
        ...model,
        instances: model.instances.map((instance) => ({
          ...instance,
          profile: hashes.profile(instance.profile),
        })),
      })),
    })),
    tenants: scenario.tenants.map((tenant, i) => detachTenant(tenant, specs[i]!, statedUs, hashes)),
  };
}

function detachTenant(
  tenant: Tenant,
  { name, load, batchSize, sequences }: TenantSpec,
  statedUs: number | undefined,
  hashes: ContentHashes,
): DetachedTenant {
  if (tenant.load.mode === 'closed') return { ...tenant, load: tenant.load };
  const { trace: _, ...rest } = tenant.load;
  const recipe: LoadSpec =
    load.trace === undefined
      ? load
      : { ...load, trace: { ...load.trace, file: hashes.trace(load.trace.file) } };
  return {
    ...tenant,
    load: {
      ...rest,
      arrivals: { tenant: name, load: recipe, batchSize, statedUs, ...(sequences && { sequences }) },
    },
  };
}

/** Hashes of everything that a scenario refers to, each once. */
export interface ContentNames {
  readonly profiles: readonly string[];
  readonly traces: readonly string[];
}

export function contentNames({ servers, tenants }: DetachedScenario): ContentNames {
  const profiles = servers.flatMap(({ models }) =>
    models.flatMap(({ instances }) => instances.map(({ profile }) => profile)),
  );
  const traces = tenants.flatMap(({ load }) =>
    load.mode === 'closed' || load.arrivals.load.trace === undefined ? [] : [load.arrivals.load.trace.file],
  );
  return { profiles: [...new Set(profiles)], traces: [...new Set(traces)] };
}

/** A point as it is sent and addressed. */
export interface EncodedPoint {
  readonly key: string;
  readonly scenario: DetachedScenario;
}

/**
 * The address of a point, of its scenario with all content and of the program that simulates it; and the
 * scenario as everyone gets it who decodes its text, so that no order of keys tells one runner from another.
 */
export function addressPoint(scenario: DetachedScenario, engine: string, digest: Digest): EncodedPoint {
  const text = encodeValue(scenario);
  return { key: digest(`${engine}\n${text}`), scenario: decodeValue(text) as DetachedScenario };
}

/**
 * The address of one component: of everything its simulation depends on and nothing else. Places are
 * counted within the component, so that it is the same wherever it stands in a scenario.
 */
export function componentKey(
  scenario: DetachedScenario,
  component: Component,
  engine: string,
  digest: Digest,
): string {
  const servers = serversOf(component);
  const models = servers.map((server) =>
    component.served.flatMap((ref) => (ref.server === server ? [ref.model] : [])),
  );
  const local = (ref: ServedRef): ServedRef => {
    const server = servers.indexOf(ref.server);
    return { server, model: models[server]!.indexOf(ref.model) };
  };
  const { seed, durationUs, warmUpUs } = scenario;
  const content = {
    seed,
    durationUs,
    warmUpUs,
    servers: servers.map((index, i) => {
      const { machine: _, ...server } = scenario.servers[index]!;
      const placeOf = (model: number) => models[i]!.indexOf(model);
      return { ...server, models: models[i]!.map((model) => renumbered(server.models[model]!, placeOf)) };
    }),
    tenants: component.tenants.map((index) => {
      const tenant = scenario.tenants[index]!;
      return { ...tenant, targets: tenant.targets.map(local) };
    }),
  };
  return digest(`${engine}\n${encodeValue(content)}`);
}
