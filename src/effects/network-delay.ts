import { asEver, type EffectStudy, effect, type FieldsIn, unscaled } from './effect.js';
import { type ServerSide, withModels } from './server-side.js';
import { us } from './values.js';

export const requestDelayUs = us.describe('One way, client to server');
export const responseDelayUs = us.describe('One way, server to client');

/** Requests and responses take time between client and server. */
export const networkDelay = effect({
  name: 'network-delay',
  schema: {
    requestDelayUs,
    responseDelayUs,
    generatorUs: us.describe("What perseus' own load generator adds to both directions together"),
    // One whose threads hand requests and answers on as those of gRPC's own libraries and of perf_analyzer do.
    clientUs: us.exactOptional().describe('What a usual client adds instead'),
  },
});

export type NetworkDelayFields = FieldsIn<(typeof networkDelay)['schema']>;

export const networkDelayStudy = {
  describe: ({ clientUs = 0, ...delay }) => [
    ['network delay, both directions (us)', delay.requestDelayUs + delay.responseDelayUs],
    ["usual clients' threads of it (us)", clientUs],
  ],
  scale: unscaled,
  none: () => ({ requestDelayUs: 0, responseDelayUs: 0, generatorUs: 0 }),
  least: asEver,
  cause: {
    code: 'network',
    text: 'requests and responses take time between client and server; if they took none',
    shownBy: ['unlimited-network', 'network-delay-by-rate'],
  },
  resolved: { none: withoutDelay, least: asEver },
} as const satisfies EffectStudy<NetworkDelayFields>;

function withoutDelay<Side extends ServerSide>(server: Side): Side {
  const network = { ...server.network, requestDelayUs: 0, responseDelayUs: 0 };
  return withModels({ ...server, network }, ({ networkDelay: _, ...model }) => model);
}
