import { ProblemList } from '../base/problem.js';
import { usesCache, withCalled } from '../scenario/composition.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import { batchingRules } from '../simulator/server/batching.js';

/**
 * Makes sure that a live run can be what the scenario says of requests. All requests for a model that leave the load generator have
 * one shape (`--shape`), so that a server batches what the simulator keeps apart; they hold their tensors, ask for all outputs,
 * belong to no sequence, and are equal.
 * @throws InputError with every model that tenants send different shapes to, where its batches depend on that, and every tenant
 * that uses shared memory, names outputs, or asks models that take sequences or answer from a cache
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
  if (tenant.outputs !== undefined) {
    const what = 'live requests ask for all outputs';
    problems.add({ path: `${path}.outputs`, what, remedy: 'leave it out' });
  }
  const asked = tenant.targets.flatMap(({ server, model }) => {
    const { models, options } = servers[server]!;
    return withCalled(models, [model]).map((index) => ({ model: models[index]!, options }));
  });
  const ofSequences = asked.find(({ model }) => model.config.sequences !== undefined)?.model;
  if (ofSequences !== undefined) {
    const what = `"${ofSequences.config.name}" takes sequences, and live requests belong to none`;
    problems.add({ path, what, remedy: 'leave the tenant out' });
  }
  const loading = tenant.targets.find(({ server }) => servers[server]!.modelCache !== undefined);
  if (loading !== undefined) {
    const { name } = servers[loading.server]!;
    const what = `the models of "${name}" are loaded when requests ask for them, and a live run loads none`;
    problems.add({ path, what, remedy: 'leave out modelCache, and load the models before' });
  }
  const cached = asked.find(({ model, options }) => usesCache({ options }, model))?.model;
  if (cached !== undefined) {
    const what = `live requests are equal, so that the response cache would answer all of them for "${cached.config.name}"`;
    problems.add({
      path,
      what,
      remedy: 'leave out triton.cache, and start the server without --cache-config',
    });
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
