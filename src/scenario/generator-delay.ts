import { mean } from 'simple-statistics';
import type { Scenario } from './scenario.js';

/**
 * The scenario as perseus' own load generator meets it: a JavaScript client takes longer to send and to read
 * than one that costs nothing, by what the profiles measured of it, half on each way.
 */
export function withGeneratorDelay(scenario: Scenario): Scenario {
  return {
    ...scenario,
    servers: scenario.servers.map((server) => {
      const profiles = new Set(
        server.models.flatMap(({ instances }) => instances.map(({ profile }) => profile)),
      );
      const delays = [...profiles].flatMap(({ serving }) => serving?.generatorUs ?? []);
      const oneWayUs = delays.length === 0 ? 0 : mean(delays) / 2;
      const { network } = server;
      return {
        ...server,
        network: {
          ...network,
          requestDelayUs: network.requestDelayUs + oneWayUs,
          responseDelayUs: network.responseDelayUs + oneWayUs,
        },
      };
    }),
  };
}
