import { ProblemList } from '../base/problem.js';
import type { Scenario } from '../scenario/scenario.js';
import { batchingRules } from '../simulator/server/batching.js';

/**
 * Makes sure that a live run can be what the scenario says of requests. All requests for a model that leave the load generator have
 * one shape (`--shape`), so that a server batches what the simulator keeps apart; and they hold their tensors.
 * @throws InputError with every model that tenants send different shapes to, where its batches depend on that, and every tenant
 * that uses shared memory
 */
export function requirePlayable(scenario: Scenario): void {
  const problems = new ProblemList();
  addShapes(scenario, problems);
  for (const { name, sharedMemory } of scenario.tenants) {
    if (sharedMemory === undefined) continue;
    const what = 'live requests hold their tensors, none is in shared memory';
    problems.add({ path: `tenants.${name}.sharedMemory`, what, remedy: 'write none' });
  }
  problems.throwIfAny();
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
