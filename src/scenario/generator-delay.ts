import { mean } from 'simple-statistics';
import type { Scenario, ServedModel, Tenant, Way } from './scenario.js';
import { wayOf } from './way.js';

/**
 * The scenario as perseus' own load generator meets it: a JavaScript client takes longer to send and to read
 * than one that costs nothing, by what the profiles measured of it, half on each way. Its callers pause as well.
 */
export function withGeneratorDelay(scenario: Scenario): Scenario {
  return {
    ...withCallerPauses(scenario),
    servers: scenario.servers.map((server) => {
      const delays = server.models.flatMap((model) => generatorUsOf(model) ?? []);
      const usualUs = delays.length === 0 ? 0 : mean(delays);
      return {
        ...server,
        network: { ...server.network, ...longer(server.network, usualUs) },
        models: server.models.map((model) => {
          const us = generatorUsOf(model) ?? usualUs;
          return us === 0 ? model : { ...model, way: longer(wayOf(server, model), us) };
        }),
      };
    }),
  };
}

/**
 * The scenario with callers that need a moment between an answer and the next request, as all do whose threads have to
 * wake: exponential, with the mean that was measured of perseus' own. Without it callers that were answered together
 * would come back at the same instant, and be executed together for ever. Callers that think stay as they are.
 */
export function withCallerPauses(scenario: Scenario): Scenario {
  const tenants = scenario.tenants.map((tenant): Tenant => {
    const { load, targets } = tenant;
    if (load.mode !== 'closed' || load.thinkTime.meanUs > 0) return tenant;
    const delays = targets.flatMap(
      ({ server, model }) => generatorUsOf(scenario.servers[server]!.models[model]!) ?? [],
    );
    const meanUs = delays.length === 0 ? 0 : mean(delays);
    return meanUs === 0
      ? tenant
      : { ...tenant, load: { ...load, thinkTime: { law: 'exponential', meanUs } } };
  });
  return { ...scenario, tenants };
}

function generatorUsOf({ instances }: ServedModel): number | undefined {
  return instances[0]?.profile.serving?.generatorUs;
}

function longer({ requestDelayUs, responseDelayUs }: Way, us: number): Way {
  return { requestDelayUs: requestDelayUs + us / 2, responseDelayUs: responseDelayUs + us / 2 };
}
