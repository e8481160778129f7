import { sharedCoresOf } from '../effects/shared-cores.js';
import { delaysThreads } from '../effects/thread-waits.js';
import { CPU_KIND } from '../profile/host-cores.js';
import { type Ensemble, withCalled } from './composition.js';
import { type DynamicBatching, isPrefetching, type ModelConfig } from './model-config.js';
import type { CacheOptions, Device, ResponseLaw, Scenario, ServedModel, Server } from './scenario.js';

/**
 * The same scenario with one thing changed: what an explanation compares with, and the bounds that a
 * report prints beside a run. Each gives a new scenario and leaves the old one as it is; undefined
 * where the change would change nothing.
 */
export type WhatIf = (scenario: Scenario, tenant: string) => Scenario | undefined;

/** A queue limit that never triggers: payloads are then formed only for an idle instance, as any queue policy has it already. */
export const withLateBinding: WhatIf = (scenario, tenant) =>
  withBatching(scenario, tenant, (batching, config) =>
    isPrefetching(config)
      ? { ...batching, defaultQueuePolicy: { ...batching.defaultQueuePolicy, maxQueueSize: 1e9 } }
      : undefined,
  );

/** Under a queue policy: a batcher that never runs before the instance that becomes free, so that it never sleeps beside an idle one. */
export const withAttentiveBatcher: WhatIf = (scenario, tenant) =>
  withModel(scenario, tenant, (model, { options }) => {
    const isBoundLate = model.config.dynamicBatching !== undefined && !isPrefetching(model.config);
    const share = model.batcherWinsShare ?? options.batcherWinsShare ?? 0;
    return isBoundLate && share > 0 ? { ...model, batcherWinsShare: 0 } : undefined;
  });

/** No process dies. */
export const withoutDeaths: WhatIf = (scenario) => {
  const { changes = [] } = scenario;
  const lasting = changes.filter((change) => change.do !== 'killInstances');
  return lasting.length === changes.length ? undefined : { ...scenario, changes: lasting };
};

/** A stream ends with its last response. */
export const withPromptEnds: WhatIf = (scenario, tenant) =>
  withModel(scenario, tenant, (model) => {
    const { endUs = 0, ...responses } = model.responses ?? {};
    return endUs === 0 ? undefined : { ...model, responses: responses as ResponseLaw };
  });

/** Requests are done after one execution. */
export const withoutIterations: WhatIf = (scenario, tenant) =>
  withModel(scenario, tenant, (model) =>
    model.iterations === undefined || model.iterations.mean === 1
      ? undefined
      : { ...model, iterations: { ...model.iterations, mean: 1, law: 'constant' } },
  );

/** No `max_queue_delay_microseconds`. */
export const withoutDelay: WhatIf = (scenario, tenant) =>
  withBatching(scenario, tenant, (batching) =>
    batching.maxQueueDelayUs === 0 ? undefined : { ...batching, maxQueueDelayUs: 0 },
  );

/** The tenant has everything to itself. */
export const withoutOthers: WhatIf = (scenario, tenant) => {
  if (scenario.tenants.length === 1) return undefined;
  return { ...scenario, tenants: scenario.tenants.filter(({ name }) => name === tenant) };
};

/**
 * Instances of the tenant's model that are never short, each on a GPU of its own. Those on a host still share its cores
 * and its locks: more instances bring no more of them.
 */
export const withUnlimitedInstances: WhatIf = (scenario, tenant) => {
  const changed = withModel(scenario, tenant, withInstances);
  if (changed === undefined) return undefined;
  const unlimited = mapServers(changed, withoutRateLimiter);
  return mapDevices(unlimited, (device) => (isHost(device) ? device : alone(device)));
};

/** Its resources are those of devices that are there. */
function withoutRateLimiter({ options: { rateLimit: _, ...options }, ...server }: Server): Server {
  return { ...server, options };
}

/** The same, each instance also on a host of its own: as many machines as anyone could want. */
export const withUnlimitedDevices: WhatIf = (scenario, tenant) => {
  const changed = withUnlimitedInstances(withUnlimitedHost(scenario, tenant) ?? scenario, tenant);
  return changed && mapDevices(changed, alone);
};

/** As many as a model could use before its queue would be anyone's problem. */
const UNLIMITED_INSTANCES = 256;
/** Executions that compute at once on a core of a host: with more, each has a smaller share and no work is done sooner. */
const UNLIMITED_PER_CORE = 4;

function withInstances({ takesTurns: _, ...model }: ServedModel, { devices }: Server): ServedModel {
  const { instances } = model;
  const most = instances.map(({ device, profile }) => {
    const cores = profile.hostCores.infer > 0 && device >= 0 ? sharedCoresOf(devices[device]!) : undefined;
    return cores === undefined ? Infinity : UNLIMITED_PER_CORE * Math.ceil(cores);
  });
  const length = Math.max(instances.length, Math.min(UNLIMITED_INSTANCES, Math.max(...most)));
  return { ...model, instances: Array.from({ length }, (_, i) => instances[i % instances.length]!) };
}

function isHost({ kind }: Device): boolean {
  return kind === CPU_KIND;
}

function alone(device: Device): Device {
  return { ...device, sharing: { mode: 'exclusive' } };
}

export const withUnlimitedFrontEnd: WhatIf = (scenario) =>
  mapServers(scenario, (server) => ({ ...server, options: { ...server.options, frontEndThreads: 1e6 } }));

export const withUnlimitedNetwork: WhatIf = (scenario) =>
  changedServers(scenario, ({ network, ...server }) =>
    Number.isFinite(network.requestBytesPerUs) || Number.isFinite(network.responseBytesPerUs)
      ? { ...server, network: { ...network, requestBytesPerUs: Infinity, responseBytesPerUs: Infinity } }
      : undefined,
  );

/** Host cores to spare: nothing waits for one. Executions still slow each other as they do with a core each. */
export const withUnlimitedHost: WhatIf = (scenario) => {
  if (!scenario.servers.some(isLimitedByHost)) return undefined;
  const changed = mapServers(scenario, (server) => {
    const { threadWaits: _, ...options } = server.options;
    return { ...server, cpuCores: Infinity, options };
  });
  return mapDevices(changed, (device) =>
    sharedCoresOf(device) === undefined
      ? device
      : { ...device, sharing: { mode: 'hostCores', cores: Infinity } },
  );
};

/** Host cores to spare, and instances that use them. */
export const withUnlimitedHostAndInstances: WhatIf = (scenario, tenant) => {
  const changed = withUnlimitedHost(scenario, tenant);
  return changed && withUnlimitedInstances(changed, tenant);
};

/** Whether anything on the server can wait for a core of its host. */
function isLimitedByHost(server: Server): boolean {
  return (
    Number.isFinite(server.cpuCores) ||
    server.devices.some((device) => Number.isFinite(sharedCoresOf(device))) ||
    delaysThreads(server)
  );
}

/** Every model is loaded from the start, and stays. */
export const withAllLoaded: WhatIf = (scenario) =>
  changedServers(scenario, ({ modelCache, ...server }) => (modelCache === undefined ? undefined : server));

/** Executions need nothing but an instance. */
export const withNoRateLimiter: WhatIf = (scenario) =>
  changedServers(scenario, (server) =>
    server.options.rateLimit === undefined ? undefined : withoutRateLimiter(server),
  );

/** No answer waits for one to another request. */
export const withOwnStreams: WhatIf = (scenario, tenant) => {
  const changed = scenario.tenants.map(({ sharedStreams, ...rest }) =>
    rest.name === tenant || sharedStreams === undefined ? rest : { ...rest, sharedStreams },
  );
  const isShared = scenario.tenants.some(({ name, sharedStreams }) => name === tenant && sharedStreams);
  return isShared ? { ...scenario, tenants: changed } : undefined;
};

/** More than the answers of any run take. */
const ENOUGH_BYTES = 2 ** 50;

/** No answer leaves the response cache. */
export const withUnlimitedCache: WhatIf = (scenario) =>
  withCache(scenario, (cache) => ({ ...cache, bytes: ENOUGH_BYTES }));

/** The response cache takes no time. */
export const withCostlessCache: WhatIf = (scenario) =>
  withCache(scenario, ({ bytes, ...costs }) =>
    Object.values(costs).some((us) => us > 0)
      ? { bytes, lookUpUs: 0, copyPerKilobyteUs: 0, hashPerKilobyteUs: 0 }
      : undefined,
  );

function withCache(
  scenario: Scenario,
  change: (cache: CacheOptions) => CacheOptions | undefined,
): Scenario | undefined {
  return changedServers(scenario, (server) => {
    const cache = server.options.cache && change(server.options.cache);
    return cache && { ...server, options: { ...server.options, cache } };
  });
}

/** More than the answers that any engine writes at once have. */
const ENOUGH_TOKENS = 1e12;

/** Engines put off no request for want of room. */
export const withUnlimitedKvCache: WhatIf = (scenario, tenant) =>
  withModel(
    scenario,
    tenant,
    (model) => model.engine && { ...model, engine: { ...model.engine, kvTokens: ENOUGH_TOKENS } },
  );

/** Ensembles call their steps as soon as they can. */
export const withNoInFlightLimit: WhatIf = (scenario, tenant) =>
  withModel(scenario, tenant, (model) => {
    const { maxInFlight, ...ensemble } = model.ensemble ?? {};
    return maxInFlight === undefined ? undefined : { ...model, ensemble: ensemble as Ensemble };
  });

/** No thread takes any time to hand a request on to the next model. */
export const withCostlessHandOvers: WhatIf = (scenario) =>
  changedServers(scenario, (server) => {
    const { ensembleStepUs = 0, blsCallUs = 0, ...options } = server.options;
    return ensembleStepUs + blsCallUs > 0 ? { ...server, options } : undefined;
  });

/** Undefined where no server changes. */
function changedServers(
  scenario: Scenario,
  change: (server: Server) => Server | undefined,
): Scenario | undefined {
  const changed = scenario.servers.map(change);
  if (changed.every((server) => server === undefined)) return undefined;
  return { ...scenario, servers: scenario.servers.map((server, s) => changed[s] ?? server) };
}

function mapDevices(scenario: Scenario, change: (device: Device) => Device): Scenario {
  return mapServers(scenario, (server) => ({ ...server, devices: server.devices.map(change) }));
}

function mapServers(scenario: Scenario, change: (server: Server, index: number) => Server): Scenario {
  return { ...scenario, servers: scenario.servers.map(change) };
}

/** One more instance of a model, beside its first one, wherever it is served. */
export function withOneMore(name: string): WhatIf {
  return (scenario) =>
    mapServers(scenario, (server) => ({
      ...server,
      models: server.models.map((model) => {
        const [first] = model.config.name === name ? model.instances : [];
        return first === undefined ? model : { ...model, instances: [...model.instances, first] };
      }),
    }));
}

/** Changes the tenant's model, and those that it calls, on every server where the tenant sends to it. */
function withModel(
  scenario: Scenario,
  tenant: string,
  change: (model: ServedModel, server: Server) => ServedModel | undefined,
): Scenario | undefined {
  const targets = scenario.tenants.find(({ name }) => name === tenant)?.targets ?? [];
  let changes = 0;
  const changed = mapServers(scenario, (server, s) => {
    const asked = targets.filter((target) => target.server === s).map(({ model }) => model);
    const used = new Set(withCalled(server.models, asked));
    const models = server.models.map((model, m) => {
      const other = used.has(m) ? change(model, server) : undefined;
      if (other !== undefined) changes++;
      return other ?? model;
    });
    return { ...server, models };
  });
  return changes === 0 ? undefined : changed;
}

function withBatching(
  scenario: Scenario,
  tenant: string,
  change: (batching: DynamicBatching, config: ModelConfig) => DynamicBatching | undefined,
): Scenario | undefined {
  return withModel(scenario, tenant, (model) => {
    const { dynamicBatching } = model.config;
    const other = dynamicBatching === undefined ? undefined : change(dynamicBatching, model.config);
    return other === undefined
      ? undefined
      : { ...model, config: { ...model.config, dynamicBatching: other } };
  });
}
