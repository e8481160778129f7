import { mean } from 'simple-statistics';
import { entryProfile } from './composition.js';
import { networkDelayWithClient } from './network-delay.js';
import type { Scenario, Server, Tenant } from './scenario.js';

/**
 * The scenario as perseus' own load generator meets it: a JavaScript client takes longer to send and to read
 * than one that costs nothing, by what the profiles measured of it, half on each way; it takes the place of the usual
 * clients.
 */
export function withGeneratorDelay(scenario: Scenario): Scenario {
  return {
    ...scenario,
    servers: scenario.servers.map((server) => ({
      ...server,
      models: server.models.map((model, index) => {
        const { networkDelay } = model;
        if (networkDelay === undefined) return model;
        const generatorUs = generatorUsOf(server, index) ?? 0;
        return { ...model, networkDelay: networkDelayWithClient(networkDelay, generatorUs) };
      }),
    })),
  };
}

/**
 * A tenant whose closed-loop clients need a moment between an answer and the next request, as all do whose threads have to
 * wake: exponential, with the mean that was measured of perseus' own. Without it closed-loop clients that were answered together
 * would come back at the same instant, and be executed together for ever. Closed-loop clients that think, or say which client they are, stay as they are.
 */
export function withClientPause(tenant: Tenant, servers: readonly Server[]): Tenant {
  const { load, targets } = tenant;
  if (load.mode !== 'closed' || load.thinkTime.meanUs > 0 || load.client !== undefined) return tenant;
  const delays = targets.flatMap(({ server, model }) => generatorUsOf(servers[server]!, model) ?? []);
  const meanUs = delays.length === 0 ? 0 : mean(delays);
  return meanUs === 0 ? tenant : { ...tenant, load: { ...load, thinkTime: { law: 'exponential', meanUs } } };
}

function generatorUsOf({ models }: Server, model: number): number | undefined {
  return entryProfile(models, model)?.serving?.generatorUs;
}
