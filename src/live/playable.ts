import { ProblemList } from '../base/problem.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import { batchingRules } from '../simulator/server/batching.js';
import { askedModels, mayHitCache } from './asked-models.js';

/**
 * Makes sure that a live run can be what the scenario says of requests. All requests for a model that leave the load generator have
 * one shape (`--shape`), so that a server batches what the simulator keeps apart; and shared memory is written once.
 * @throws InputError with every model that tenants send different shapes to, where its batches depend on that, and every tenant
 * that uses CUDA shared memory, or a cache beside shared memory, or asks models that take tokens
 */
export function requirePlayable(scenario: Scenario): void {
  const problems = new ProblemList();
  addShapes(scenario, problems);
  for (const tenant of scenario.tenants) addOfTenant(scenario, tenant, problems);
  problems.throwIfAny();
}

function addOfTenant(scenario: Scenario, tenant: Tenant, problems: ProblemList): void {
  const { servers } = scenario;
  const path = `tenants.${tenant.name}`;
  if (tenant.sharedMemory === 'cuda') {
    const what = 'live requests have no tensors on the GPU';
    problems.add({ path: `${path}.sharedMemory`, what, remedy: 'write system or none' });
  } else if (tenant.sharedMemory !== undefined && mayHitCache(scenario, tenant)) {
    const what = 'live inputs in shared memory are written once, and a response cache would answer all';
    problems.add({ path: `${path}.sharedMemory`, what, remedy: 'write none' });
  }
  const ofTokens = askedModels(scenario, tenant).find(({ engine }) => engine !== undefined);
  if (ofTokens !== undefined) {
    const what = `"${ofTokens.config.name}" reads and writes tokens, and live requests have none`;
    problems.add({ path, what, remedy: 'leave the tenant out' });
  }
  const loading = tenant.targets.find(({ server }) => servers[server]!.modelCache !== undefined);
  if (loading !== undefined) {
    const { name } = servers[loading.server]!;
    const what = `the models of "${name}" are loaded when requests ask for them, and a live run loads none`;
    problems.add({ path, what, remedy: 'leave out modelCache, and load the models before' });
  }
}

function addShapes({ servers, tenants }: Scenario, problems: ProblemList): void {
  for (const [s, server] of servers.entries()) {
    for (const [m, { config }] of server.models.entries()) {
      if (config.dynamicBatching === undefined || !batchingRules(config).enforceEqualShape) continue;
      const senders = tenants.filter(({ targets }) =>
        targets.some((target) => target.server === s && target.model === m),
      );
      if (new Set(senders.map(({ shape }) => shape)).size < 2) continue;
      problems.add({
        path: `servers.${server.name}.models.${config.name}`,
        what: `${senders.map(({ name }) => name).join(', ')} send it different shapes, and live requests for a model have one`,
        remedy: 'give these tenants the same shape, or play them one at a time with --shape',
      });
    }
  }
}
