import { ProblemList } from '../base/problem.js';
import { withCalled } from '../scenario/composition.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import { batchingRules } from '../simulator/server/batching.js';

/**
 * Makes sure that a live run can be what the scenario says of requests. All requests for a model that leave the load generator have
 * one shape (`--shape`), so that a server batches what the simulator keeps apart; and they hold their tensors.
 * @throws InputError with every model that tenants send different shapes to, where its batches depend on that, and every tenant
 * that uses shared memory, or asks models that take tokens
 */
export function requirePlayable(scenario: Scenario): void {
  const problems = new ProblemList();
  addShapes(scenario, problems);
  for (const tenant of scenario.tenants) addOfTenant(scenario, tenant, problems);
  problems.throwIfAny();
}

function addOfTenant({ servers }: Scenario, tenant: Tenant, problems: ProblemList): void {
  const path = `tenants.${tenant.name}`;
  if (tenant.sharedMemory !== undefined) {
    const what = 'live requests hold their tensors, none is in shared memory';
    problems.add({ path: `${path}.sharedMemory`, what, remedy: 'write none' });
  }
  const asked = tenant.targets.flatMap(({ server, model }) => {
    const { models } = servers[server]!;
    return withCalled(models, [model]).map((index) => models[index]!);
  });
  const ofTokens = asked.find(({ engine }) => engine !== undefined);
  if (ofTokens !== undefined) {
    const what = `"${ofTokens.config.name}" reads and writes tokens, and live requests have none`;
    problems.add({ path, what, remedy: 'leave the tenant out' });
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
