import * as z from 'zod';
import { type EffectStudy, effect, type FieldsIn, removed, unscaled } from '../effect.js';
import { requestDelayUs, responseDelayUs } from '../network-delay.js';
import { type MeasuredNetworkDelay, type NetworkDelay, type ServerSide, withModels } from '../server-side.js';
import { retired } from '../values.js';
import { checkRates, requestsPerS } from './at-rate.js';

/** Requests and responses take longer where they are sparse. */
export const networkDelayByRate = effect({
  name: 'network-delay-by-rate',
  formerNames: { wayByRate: 'networkDelayByRate' },
  schema: {
    networkDelayByRate: z
      .array(z.strictObject({ requestsPerS, requestDelayUs, responseDelayUs }))
      .min(2)
      .max(100)
      .readonly()
      .superRefine(checkRates)
      .exactOptional()
      .describe('The network delays by requests per second to the server, ascending'),
    ...retired('closedLoopNetworkDelay', 'wayOfCallers'),
  },
  couples: ({ models }) =>
    models.some(({ networkDelay }) => networkDelay?.byRate !== undefined) ? 'load' : undefined,
});

export type NetworkDelayByRateFields = FieldsIn<(typeof networkDelayByRate)['schema']>;

/** Network delays under so many requests per second to the server. */
export type RatedDelays = NonNullable<NetworkDelayByRateFields['networkDelayByRate']>[number];

export const networkDelayByRateStudy = {
  describe: ({ networkDelayByRate = [] }) =>
    networkDelayByRate.map(
      ({ requestsPerS, requestDelayUs, responseDelayUs }) =>
        [
          `network delay at ${Math.round(requestsPerS)} requests/s (us)`,
          requestDelayUs + responseDelayUs,
        ] as const,
    ),
  scale: unscaled,
  none: removed,
  least: removed,
  cause: {
    code: 'network-delay-by-rate',
    text: 'requests are sparse, so that threads between client and server sleep; if these were always awake',
  },
  resolved: { none: alwaysAwake, least: alwaysAwake },
} as const satisfies EffectStudy<NetworkDelayByRateFields>;

function alwaysAwake<Side extends ServerSide>(server: Side): Side {
  return withModels(server, (model) =>
    model.networkDelay === undefined
      ? model
      : { ...model, networkDelay: shortestNetworkDelay(model.networkDelay) },
  );
}

/** What it takes under the load under which it takes least. */
function shortestNetworkDelay({ byRate = [], ...networkDelay }: MeasuredNetworkDelay): MeasuredNetworkDelay {
  const networkDelays = [networkDelay, ...byRate];
  const least = (key: keyof NetworkDelay) => Math.min(...networkDelays.map((each) => each[key]));
  return {
    ...networkDelay,
    requestDelayUs: least('requestDelayUs'),
    responseDelayUs: least('responseDelayUs'),
  };
}
