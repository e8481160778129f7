import { dirname } from 'node:path';
import type { LoadedScenario } from '../../src/node/scenario/scenario-files.js';
import type { Scenario, Tenant } from '../../src/scenario/scenario.js';
import type { ScenarioSpec } from '../../src/scenario/spec.js';
import type { CrossCheckLoad } from '../live/perf-analyzer-runs.js';

/** Length of each run. */
export const RUN_S = 20;

/** One server of a placement with those who send to it: what a single Triton process can be loaded with. */
export interface HostPart {
  readonly host: string;
  /** Its model repository, as the scenario file names it; undefined where that holds the configurations itself. */
  readonly repository: string | undefined;
  readonly scenario: Scenario;
  /** Of each tenant of `scenario`, in its order. */
  readonly loads: readonly CrossCheckLoad[];
}

/**
 * Takes a placement apart, server by server. Who sends to several servers sends an equal share to each, as Poisson arrivals:
 * a router that takes turns would send a little more regularly.
 */
export function hostParts({ scenario, spec }: Pick<LoadedScenario, 'scenario' | 'spec'>): HostPart[] {
  const written = spec.servers.flatMap((server) => Array.from({ length: server.replicas }, () => server));
  return scenario.servers.flatMap((server, index) => {
    const sending = scenario.tenants.filter(({ targets }) =>
      targets.some((target) => target.server === index),
    );
    if (sending.length === 0) return [];
    const tenants = sending.map((tenant) => ({
      ...tenant,
      targets: tenant.targets.flatMap((target) =>
        target.server === index ? [{ ...target, server: 0 }] : [],
      ),
    }));
    const loads = sending.map((tenant) => ({
      model: tenant.model,
      ratePerS: requestsPerS(tenant, scenario, spec) / tenant.targets.length,
    }));
    const repository = repositoryOf(written[index]!);
    const part = { ...scenario, servers: [server], tenants };
    return [{ host: server.name, repository, scenario: part, loads }];
  });
}

/** Two folders above the configuration of a model. */
function repositoryOf({ models }: ScenarioSpec['servers'][number]): string | undefined {
  const config = models[0]?.config;
  return typeof config === 'string' ? dirname(dirname(config)) : undefined;
}

/** As it is written; of a load that is not a Poisson process the mean. */
function requestsPerS({ name, load }: Tenant, { durationUs }: Scenario, { tenants }: ScenarioSpec): number {
  const process = tenants.find((tenant) => tenant.name === name)?.load.process;
  if (process?.kind === 'poisson') return process.ratePerS;
  if (load.mode === 'closed') throw new Error(`${name} waits for its answers; perf_analyzer plays a rate`);
  return load.trace.arrivalUs.length / (durationUs / 1e6);
}
