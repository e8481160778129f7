import { type BatchingSetting, withSetting } from '../../src/plan/tune/setting.js';
import type { Scenario, Tenant } from '../../src/scenario/scenario.js';
import type { RecordedConfiguration } from './recorded-search.js';

/** What Triton makes of `dynamic_batching {}`: what is there goes at once, up to the largest batch. */
function tritonDefaults(maxBatchSize: number): BatchingSetting {
  return { preferredBatchSizes: [maxBatchSize], maxQueueDelayUs: 0, maxQueueSize: 0 };
}

/**
 * A scenario of closed loops as another tuner configured it: its settings of each model, its clients.
 * @throws Error when it says nothing of a model of the scenario
 */
export function scenarioOf(base: Scenario, models: RecordedConfiguration): Scenario {
  const servers = base.servers.map((server) => ({
    ...server,
    models: server.models.map((model) => {
      const { instances, maxBatchSize } = choiceFor(model.config.name, models);
      return withSetting(model, { instances, maxBatchSize, batching: tritonDefaults(maxBatchSize) }, server);
    }),
  }));
  return { ...base, servers, tenants: base.tenants.map((tenant) => withClosedLoop(tenant, models)) };
}

function withClosedLoop(tenant: Tenant, models: RecordedConfiguration): Tenant {
  const { load } = tenant;
  if (load.mode !== 'closed') throw new Error(`${tenant.name} is no closed loop`);
  return { ...tenant, load: { ...load, concurrency: choiceFor(tenant.model, models).concurrency } };
}

function choiceFor(model: string, models: RecordedConfiguration): RecordedConfiguration[string] {
  const choice = models[model];
  if (choice === undefined) throw new Error(`nothing is recorded of ${model}`);
  return choice;
}
