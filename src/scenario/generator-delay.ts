import { mean } from 'simple-statistics';
import type { MeasuredWay, Scenario, ServedModel, Server, Tenant } from './scenario.js';
import { wayWithClient } from './way.js';

/**
 * The scenario as perseus' own load generator meets it: a JavaScript client takes longer to send and to read
 * than one that costs nothing, by what the profiles measured of it, half on each way; it takes the place of the usual
 * clients.
 */
export function withGeneratorDelay(scenario: Scenario): Scenario {
  return {
    ...scenario,
    servers: scenario.servers.map((server) => {
      const delays = server.models.flatMap((model) => generatorUsOf(model) ?? []);
      const usualUs = delays.length === 0 ? 0 : mean(delays);
      return {
        ...server,
        network: { ...bandwidthOf(server), ...wayWithClient(wayOfNetwork(server), usualUs) },
        models: server.models.map(({ furtherResponseUs: _ofUsualClients, ...model }) => {
          const us = generatorUsOf(model) ?? usualUs;
          if (us === 0 && model.way === undefined) return model;
          return { ...model, way: wayWithClient(model.way ?? wayOfNetwork(server), us) };
        }),
      };
    }),
  };
}

/**
 * A tenant whose callers need a moment between an answer and the next request, as all do whose threads have to
 * wake: exponential, with the mean that was measured of perseus' own. Without it callers that were answered together
 * would come back at the same instant, and be executed together for ever. Callers that think stay as they are.
 */
export function withCallerPause(tenant: Tenant, servers: readonly Server[]): Tenant {
  const { load, targets } = tenant;
  if (load.mode !== 'closed' || load.thinkTime.meanUs > 0) return tenant;
  const delays = targets.flatMap(({ server, model }) => generatorUsOf(servers[server]!.models[model]!) ?? []);
  const meanUs = delays.length === 0 ? 0 : mean(delays);
  return meanUs === 0 ? tenant : { ...tenant, load: { ...load, thinkTime: { law: 'exponential', meanUs } } };
}

function bandwidthOf({ network: { requestBytesPerUs, responseBytesPerUs } }: Server) {
  return { requestBytesPerUs, responseBytesPerUs };
}

function wayOfNetwork({ network: { requestDelayUs, responseDelayUs, clientUs = 0 } }: Server): MeasuredWay {
  return { requestDelayUs, responseDelayUs, ...(clientUs > 0 && { clientUs }) };
}

function generatorUsOf({ instances }: ServedModel): number | undefined {
  return instances[0]?.profile.serving?.generatorUs;
}
