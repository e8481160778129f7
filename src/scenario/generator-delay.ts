import { mean } from 'simple-statistics';
import type { Scenario, ServedModel, Way } from './scenario.js';
import { wayOf } from './way.js';

/**
 * The scenario as perseus' own load generator meets it: a JavaScript client takes longer to send and to read
 * than one that costs nothing, by what the profiles measured of it, half on each way.
 */
export function withGeneratorDelay(scenario: Scenario): Scenario {
  return {
    ...scenario,
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

function generatorUsOf({ instances }: ServedModel): number | undefined {
  return instances[0]?.profile.serving?.generatorUs;
}

function longer({ requestDelayUs, responseDelayUs }: Way, us: number): Way {
  return { requestDelayUs: requestDelayUs + us / 2, responseDelayUs: responseDelayUs + us / 2 };
}
