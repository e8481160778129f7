import { ProblemList } from '../base/problem.js';
import type { Scenario } from '../scenario/scenario.js';
import { batchingRules } from '../simulator/server/batching.js';

/**
 * Makes sure that a live run can be what the scenario says of shapes: all requests for a model that leave the load
 * generator have one shape (`--shape`), so that a server batches what the simulator keeps apart.
 * @throws InputError with every model that tenants send different shapes to, where its batches depend on that
 */
export function requireOneShape({ servers, tenants }: Scenario): void {
  const problems = new ProblemList();
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
  problems.throwIfAny();
}
