import { remembered } from '../base/remembered.js';
import type { Coupling } from '../effects/effect.js';
import { EFFECTS } from '../effects/registry.js';
import { calledModels, usesCache } from '../scenario/composition.js';
import type { Scenario, Server } from '../scenario/scenario.js';
import { isTimeless } from './event-loop/response-cache.js';
import { handOverNs } from './service/hand-over.js';

/** A model on a server, by its indices in the scenario. */
export interface ServedRef {
  readonly server: number;
  readonly model: number;
}

/**
 * Tenants and served models that can influence each other: joined by a device that is not exclusive,
 * a host whose cores are limited, a front end or link that takes time, a rate limiter, memory that models are loaded into, a server that is quicker the more
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
    const isCoupled = limitsNetwork(server) || couplings(server).length > 0 || sharesLimits(server);
    // Those that ask the cache, are handed on to a step of an ensemble, or wait for one, hold threads up that take in the
    // requests of all.
    const holdsUp = server.models.some(
      (model) =>
        (usesCache(server, model) && !isTimeless(server.options.cache!)) ||
        (model.ensemble !== undefined &&
          (model.ensemble.maxInFlight !== undefined || handOverNs(server) > 0)),
    );
    server.models.forEach((model, m) => {
      const node = `model ${s} ${m}`;
      if (isCoupled || holdsUp) groups.join(node, `server ${s}`);
      if (usesCache(server, model)) groups.join(node, `cache ${s}`);
      if (model.ensemble !== undefined) groups.join(node, `ensembles ${s}`);
      for (const called of calledModels(model)) groups.join(node, `model ${s} ${called}`);
      for (const instance of model.instances) {
        if (instance.device >= 0 && server.devices[instance.device]!.sharing.mode !== 'exclusive') {
          groups.join(node, `device ${s} ${instance.device}`);
        }
      }
    });
  });
  for (const change of scenario.changes ?? []) {
    if (change.do !== 'addInstances') continue;
    const { server, model, instances } = change;
    const { devices } = scenario.servers[server]!;
    for (const { device } of instances)
      if (device >= 0 && devices[device]!.sharing.mode !== 'exclusive')
        groups.join(`model ${server} ${model}`, `device ${server} ${device}`);
  }
  scenario.tenants.forEach((tenant, t) => {
    for (const target of tenant.targets) groups.join(`tenant ${t}`, `model ${target.server} ${target.model}`);
  });
  return collect(scenario, groups);
}

/** The servers of a component, ascending: places in it are counted in this list. */
export function serversOf(component: Component): number[] {
  return [...new Set(component.served.map(({ server }) => server))].sort((a, b) => a - b);
}

/**
 * Whether it matters to a request what others do on the server at the time, besides on its device: they may hold host cores or a share of
 * the network. Front-end threads do not count: what others hold of them follows from when their requests get there.
 */
export function meetsOnServer(server: Server): boolean {
  return limitsNetwork(server) || couplings(server).includes('time');
}

/** Whether requests wait for each other before they are in their queues. */
export function meetsInFrontEnd(server: Server): boolean {
  return couplings(server).includes('arrivals');
}

/** Whether its models wait for each other by a rate limiter, or for memory to be loaded. */
export function sharesLimits({ options, modelCache }: Server): boolean {
  return options.rateLimit !== undefined || modelCache !== undefined;
}

function couplings(server: Server): Coupling[] {
  return EFFECTS.flatMap((effect) => effect.couples?.(server) ?? []);
}

/** Whether requests or responses share a bandwidth. */
function limitsNetwork({ network: { requestBytesPerUs, responseBytesPerUs } }: Server): boolean {
  return Number.isFinite(requestBytesPerUs) || Number.isFinite(responseBytesPerUs);
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
