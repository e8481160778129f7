import { remembered } from '../base/remembered.js';
import type { ModelProfile } from '../profile/profile.js';
import { coresOfRequests } from '../scenario/request-cpu.js';
import type { Scenario, Server } from '../scenario/scenario.js';
import { delaysThreads } from '../scenario/thread-waits.js';

/** A model on a server, by its indices in the scenario. */
export interface ServedRef {
  readonly server: number;
  readonly model: number;
}

/**
 * Tenants and served models that can influence each other: joined by a device that is not exclusive,
 * a host whose cores are limited, a front end or link that takes time, a server that is quicker the more
 * it gets, or a tenant that sends to several of them. Components are independent and are simulated one by one.
 */
export interface Component {
  /** Indices into the scenario's tenants, ascending. */
  readonly tenants: readonly number[];
  /** Served models, in order of server and model. */
  readonly served: readonly ServedRef[];
}

/** Splits a scenario into its components, in order of their first tenant. */
export function partition(scenario: Scenario): Component[] {
  const groups = new DisjointSets();
  scenario.servers.forEach((server, s) => {
    server.models.forEach((model, m) => {
      const node = `model ${s} ${m}`;
      if (sharesHost(server) || usesFrontEnd(server) || limitsNetwork(server) || dependsOnRate(server))
        groups.join(node, `server ${s}`);
      for (const instance of model.instances) {
        if (instance.device >= 0 && server.devices[instance.device]!.sharing.mode !== 'exclusive') {
          groups.join(node, `device ${s} ${instance.device}`);
        }
      }
    });
  });
  scenario.tenants.forEach((tenant, t) => {
    for (const target of tenant.targets) groups.join(`tenant ${t}`, `model ${target.server} ${target.model}`);
  });
  return collect(scenario, groups);
}

/** The servers of a component, ascending: places in it are counted in this list. */
export function serversOf(component: Component): number[] {
  return [...new Set(component.served.map(({ server }) => server))].sort((a, b) => a - b);
}

/** Whether the server's cores can run short: only then does host work of one model slow another. */
export function sharesHost(server: Server): boolean {
  return Number.isFinite(server.cpuCores) || delaysThreads(server) || coresOfRequests(server) !== undefined;
}

/** Whether the front end takes any time for some model of the server. */
export function usesFrontEnd(server: Server): boolean {
  return server.models.some((model) => model.instances.some(({ profile }) => hasFrontEndCost(profile)));
}

function hasFrontEndCost(profile: ModelProfile): boolean {
  return profile.frontEnd.perRequestUs > 0 || profile.frontEnd.perKilobyteUs > 0;
}

/** Whether requests or responses share a bandwidth. */
export function limitsNetwork(server: Server): boolean {
  return (
    Number.isFinite(server.network.requestBytesPerUs) || Number.isFinite(server.network.responseBytesPerUs)
  );
}

/** Whether a model of the server is quicker the more requests the server gets in all, on their way to it, in its executions or between them. */
function dependsOnRate(server: Server): boolean {
  return server.models.some(
    ({ networkDelay, instances }) =>
      networkDelay?.byRate !== undefined ||
      instances.some(({ profile }) => profile.serving?.phasesByRate !== undefined),
  );
}

function collect(scenario: Scenario, groups: DisjointSets): Component[] {
  const byRoot = new Map<string, { tenants: number[]; served: ServedRef[] }>();
  scenario.tenants.forEach((_, t) => {
    const root = groups.find(`tenant ${t}`);
    remembered(byRoot, root, () => ({ tenants: [], served: [] })).tenants.push(t);
  });
  scenario.servers.forEach((server, s) => {
    server.models.forEach((_, m) => {
      byRoot.get(groups.find(`model ${s} ${m}`))?.served.push({ server: s, model: m });
    });
  });
  return [...byRoot.values()];
}

/** Union-find over names. */
class DisjointSets {
  readonly #parent = new Map<string, string>();

  find(name: string): string {
    let root = name;
    for (let parent = this.#parent.get(root); parent !== undefined; parent = this.#parent.get(root))
      root = parent;
    for (let node = name; node !== root; ) {
      const parent = this.#parent.get(node)!;
      this.#parent.set(node, root);
      node = parent;
    }
    return root;
  }

  join(a: string, b: string): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA !== rootB) this.#parent.set(rootB, rootA);
  }
}
