import type { Path } from '../base/path.js';
import { InputError } from '../base/problem.js';
import { RandomStreams } from '../base/random.js';
import type { ModelProfile } from '../profile/profile.js';
import { Findings } from '../scenario/check/findings.js';
import { LoadBuilder } from '../scenario/check/load.js';
import type { Scenario, Server, Tenant } from '../scenario/scenario.js';
import type { TenantSpec } from '../scenario/spec/tenant-spec.js';
import { OPTIONAL_COLUMNS, type Trace } from '../trace/trace.js';
import { encodeValue } from './content.js';
import type { ArrivalRecipe, DetachedScenario, DetachedTenant } from './detached.js';
import { SizedCache } from './lru.js';

/** The content that detached scenarios refer to, by its hash. */
export interface ContentLibrary {
  readonly profile: (hash: string) => ModelProfile;
  readonly trace: (hash: string) => Trace;
}

/** Draws arrivals, and keeps the last ones: points with the same load share them, column for column. */
export class ArrivalCache {
  readonly #library: ContentLibrary;
  readonly #cache: SizedCache<Trace>;

  /** @param bytes most memory that kept arrivals take, about */
  constructor(library: ContentLibrary, bytes: number) {
    this.#library = library;
    this.#cache = new SizedCache(bytes, traceBytes);
  }

  /** @throws InputError when the load cannot be drawn */
  arrivals(recipe: ArrivalRecipe, seed: number | string): Trace {
    return this.#cache.get(encodeValue([recipe, seed]), () => drawArrivals(recipe, seed, this.#library));
  }
}

function traceBytes(trace: Trace): number {
  const optional = OPTIONAL_COLUMNS.reduce((sum, key) => sum + (trace[key]?.byteLength ?? 0), 0);
  return trace.arrivalUs.byteLength + trace.tenant.byteLength + optional;
}

/** The arrivals as the check of a scenario draws them. */
function drawArrivals(recipe: ArrivalRecipe, seed: number | string, library: ContentLibrary): Trace {
  const { load, batchSize, sequences, statedUs } = recipe;
  const file = load.trace?.file;
  const findings = new Findings(() => ({}));
  const builder = new LoadBuilder(
    {
      traces: new Map(file === undefined ? [] : [[file, { value: library.trace(file) }]]),
      streams: new RandomStreams(seed),
      durationUs: statedUs,
    },
    findings,
  );
  const path: Path = ['tenants', recipe.tenant];
  const built = builder.build({ name: recipe.tenant, load, batchSize, sequences } as TenantSpec, path);
  if (built === undefined || built.mode === 'closed') throw new InputError(findings.list.problems);
  return built.trace;
}

/** Its servers with their profiles. */
export function attachServers({ servers }: DetachedScenario, library: ContentLibrary): Server[] {
  return servers.map((server) => ({
    ...server,
    models: server.models.map((model) => ({
      ...model,
      instances: model.instances.map(({ profile, ...rest }) => ({
        ...rest,
        profile: library.profile(profile),
      })),
    })),
  }));
}

export function attachScenario(
  detached: DetachedScenario,
  library: ContentLibrary,
  arrivals: ArrivalCache,
): Scenario {
  return {
    ...detached,
    name: '',
    servers: attachServers(detached, library),
    tenants: detached.tenants.map((tenant) => attachTenant(tenant, detached.seed, arrivals)),
  };
}

function attachTenant(
  { load, ...tenant }: DetachedTenant,
  seed: number | string,
  arrivals: ArrivalCache,
): Tenant {
  if (load.mode === 'closed') return { ...tenant, load };
  const { arrivals: recipe, ...rest } = load;
  return { ...tenant, load: { ...rest, trace: arrivals.arrivals(recipe, seed) } };
}
