import type { DynamicBatching } from './model-config.js';
import type { Scenario, ServedModel, Server } from './scenario.js';

/**
 * The same scenario with one thing changed: what an explanation compares with, and the bounds that a
 * report prints beside a run. Each gives a new scenario and leaves the old one as it is; undefined
 * where the change would change nothing.
 */
export type WhatIf = (scenario: Scenario, tenant: string) => Scenario | undefined;

/** A queue limit that never triggers: payloads are then formed only for an idle instance. */
export const withLateBinding: WhatIf = (scenario, tenant) =>
  withBatching(scenario, tenant, (batching) =>
    batching.defaultQueuePolicy.maxQueueSize > 0 || batching.priorityLevels > 0
      ? undefined
      : { ...batching, defaultQueuePolicy: { ...batching.defaultQueuePolicy, maxQueueSize: 1e9 } },
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

/** Instances of the tenant's model that are never short, each on a device of its own. */
export const withUnlimitedInstances: WhatIf = (scenario, tenant) => {
  const changed = withModel(scenario, tenant, (model) => ({
    ...model,
    instances: Array.from(
      { length: UNLIMITED_INSTANCES },
      (_, i) => model.instances[i % model.instances.length]!,
    ),
  }));
  if (changed === undefined) return undefined;
  return mapServers(changed, (server) => ({
    ...server,
    devices: server.devices.map((device) => ({ ...device, sharing: { mode: 'exclusive' } })),
  }));
};

/** As many as a model could use before its queue would be anyone's problem. */
const UNLIMITED_INSTANCES = 256;

export const withUnlimitedFrontEnd: WhatIf = (scenario) =>
  mapServers(scenario, (server) => ({ ...server, options: { ...server.options, frontEndThreads: 1e6 } }));

export const withUnlimitedNetwork: WhatIf = (scenario) => {
  const limited = scenario.servers.some(
    ({ network }) =>
      Number.isFinite(network.requestBytesPerUs) || Number.isFinite(network.responseBytesPerUs),
  );
  if (!limited) return undefined;
  return mapServers(scenario, (server) => ({
    ...server,
    network: { ...server.network, requestBytesPerUs: Infinity, responseBytesPerUs: Infinity },
  }));
};

export const withUnlimitedHost: WhatIf = (scenario) => {
  if (scenario.servers.every(({ cpuCores }) => cpuCores === Infinity)) return undefined;
  return mapServers(scenario, (server) => ({ ...server, cpuCores: Infinity }));
};

function mapServers(scenario: Scenario, change: (server: Server, index: number) => Server): Scenario {
  return { ...scenario, servers: scenario.servers.map(change) };
}

/** Changes the tenant's model on every server where the tenant sends to it. */
function withModel(
  scenario: Scenario,
  tenant: string,
  change: (model: ServedModel) => ServedModel | undefined,
): Scenario | undefined {
  const targets = scenario.tenants.find(({ name }) => name === tenant)?.targets ?? [];
  let changes = 0;
  const changed = mapServers(scenario, (server, s) => ({
    ...server,
    models: server.models.map((model, m) => {
      if (!targets.some((target) => target.server === s && target.model === m)) return model;
      const other = change(model);
      if (other !== undefined) changes++;
      return other ?? model;
    }),
  }));
  return changes === 0 ? undefined : changed;
}

function withBatching(
  scenario: Scenario,
  tenant: string,
  change: (batching: DynamicBatching) => DynamicBatching | undefined,
): Scenario | undefined {
  return withModel(scenario, tenant, (model) => {
    const { dynamicBatching } = model.config;
    const other = dynamicBatching === undefined ? undefined : change(dynamicBatching);
    return other === undefined
      ? undefined
      : { ...model, config: { ...model.config, dynamicBatching: other } };
  });
}
