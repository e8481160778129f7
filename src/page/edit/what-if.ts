import type { Cause } from '../../metrics/causes.js';
import type { ServerSpec } from '../../scenario/spec/server-spec.js';
import type { TenantSpec } from '../../scenario/spec/tenant-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import type { ModelConfigFields } from '../../scenario/triton/fields.js';
import { configOf, withServed } from './placement.js';

type Blamed = Pick<Cause, 'code' | 'model'>;

/** A change that would take a cause away. */
export interface Remedy {
  readonly label: string;
  readonly spec: ScenarioSpec;
}

interface RemedyOf {
  readonly label: (model: string) => string;
  /** The same spec where there is nothing to change. */
  readonly apply: (spec: ScenarioSpec, tenant: TenantSpec, model: string) => ScenarioSpec;
}

/** A queue that is never so long: a limit makes the batcher bind late, whatever it is. */
const ENDLESS_QUEUE = 1_000_000_000;
/** The most that a scenario may have. */
const MOST_FRONT_END_THREADS = 1024;

/** What somebody who runs the servers can do, by what it takes away. What is a cost of the machine has none. */
const REMEDIES: Partial<Record<Cause['code'], RemedyOf>> = {
  'own-load': oneMore(),
  'limiting-step': oneMore(),
  'early-commitment': {
    label: (model) => `Bind batches of ${model} late, by a queue limit`,
    apply: (spec, _, model) =>
      withConfig(spec, model, ({ dynamic_batching: batching, ...rest }) => ({
        ...rest,
        dynamic_batching: {
          ...batching,
          default_queue_policy: { ...batching?.default_queue_policy, max_queue_size: ENDLESS_QUEUE },
        },
      })),
  },
  'batching-delay': {
    label: (model) => `Batch ${model} without delay`,
    apply: (spec, _, model) =>
      withConfig(spec, model, ({ dynamic_batching: batching, ...rest }) => ({
        ...rest,
        ...(batching && { dynamic_batching: { ...batching, max_queue_delay_microseconds: 0 } }),
      })),
  },
  'batcher-sleep': {
    label: () => 'Let the batcher never sleep beside a free instance',
    apply: (spec) =>
      withServers(spec, (server) => ({ ...server, triton: { ...server.triton, batcherWinsShare: 0 } })),
  },
  'co-runners': {
    label: () => 'Leave the other tenants out',
    apply: (spec, tenant) => (spec.tenants.length > 1 ? alone(spec, tenant) : spec),
  },
  'front-end': {
    label: () => 'Double the front-end threads',
    apply: (spec) =>
      withServers(spec, (server) => {
        const threads = Math.min(2 * (server.triton.frontEndThreads ?? 2), MOST_FRONT_END_THREADS);
        return { ...server, triton: { ...server.triton, frontEndThreads: threads } };
      }),
  },
  network: {
    label: () => 'Take the limit off the network',
    apply: (spec) => withServers(spec, withoutBandwidth),
  },
  'host-cpu': {
    label: () => 'Double the host cores',
    apply: (spec) =>
      withServers(spec, (server) =>
        server.cpuCores === undefined
          ? server
          : { ...server, cpuCores: Math.min(2 * server.cpuCores, 100_000) },
      ),
  },
  'client-cap': {
    label: () => 'Take the cap off the client',
    apply: (spec, tenant) => {
      const { maxInFlight: _, latencyFrom: __, pacing: ___, ...load } = tenant.load;
      return { ...spec, tenants: spec.tenants.map((one) => (one === tenant ? { ...one, load } : one)) };
    },
  },
};

function oneMore(): RemedyOf {
  return {
    label: (model) => `Add an instance of ${model}`,
    apply: (spec, _, model) =>
      withConfig(spec, model, ({ instance_group: [first, ...others] = [], ...rest }) => ({
        ...rest,
        instance_group: [{ ...first, count: (first?.count ?? 1) + 1 }, ...others],
      })),
  };
}

/** What takes a cause of a tenant's slow requests away; undefined where nothing in the scenario does. */
export function remedyOf(cause: Blamed, tenantName: string, spec: ScenarioSpec): Remedy | undefined {
  const remedy = REMEDIES[cause.code];
  const tenant = spec.tenants.find(({ name }) => name === tenantName);
  if (remedy === undefined || tenant === undefined) return undefined;
  const model = cause.model ?? tenant.model;
  const changed = remedy.apply(spec, tenant, model);
  return changed === spec || JSON.stringify(changed) === JSON.stringify(spec)
    ? undefined
    : { label: remedy.label(model), spec: changed };
}

function alone(spec: ScenarioSpec, tenant: TenantSpec): ScenarioSpec {
  const { measured, ...rest } = spec;
  const own = measured?.filter((figure) => figure.tenant === tenant.name);
  return { ...rest, tenants: [tenant], ...(own && { measured: own }) };
}

function withServers(spec: ScenarioSpec, change: (server: ServerSpec) => ServerSpec): ScenarioSpec {
  return { ...spec, servers: spec.servers.map(change) };
}

/** Changes the inline configuration of a model wherever it is served; those that execute nothing stay. */
function withConfig(
  spec: ScenarioSpec,
  model: string,
  change: (config: ModelConfigFields) => ModelConfigFields,
): ScenarioSpec {
  return withServed(spec, model, (served) => {
    const fields = configOf(served);
    return fields === undefined || fields.ensemble_scheduling
      ? served
      : { ...served, config: change(fields) };
  });
}

function withoutBandwidth(server: ServerSpec): ServerSpec {
  const {
    bandwidthMbps: _,
    requestBandwidthMbps: __,
    responseBandwidthMbps: ___,
    ...network
  } = server.network;
  return { ...server, network };
}
