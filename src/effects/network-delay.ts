import { asEver, effect, neverShorter, staysInModel, unscaled } from './effect.js';
import { type ServerSide, withModels } from './server-side.js';
import { us } from './values.js';

export interface NetworkDelayFields {
  /** Client to server and back, outside of the server's own request time, where nothing is known of the load. */
  readonly requestDelayUs: number;
  readonly responseDelayUs: number;
  /** What perseus' own load generator adds to both directions together, beyond a client that costs nothing. */
  readonly generatorUs: number;
  /**
   * What a usual client adds instead, one whose threads hand requests and answers on as those of gRPC's own libraries
   * and of perf_analyzer do; absent = nothing.
   */
  readonly clientUs?: number;
}

export const requestDelayUs = us.describe('One way, client to server');
export const responseDelayUs = us.describe('One way, server to client');

/** Requests and responses take time between client and server. */
export const networkDelay = effect<NetworkDelayFields>()({
  name: 'network-delay',
  schema: {
    requestDelayUs,
    responseDelayUs,
    generatorUs: us.describe("What perseus' own load generator adds to both directions together"),
    clientUs: us.exactOptional().describe('What a usual client adds instead'),
  },
  describe: ({ clientUs = 0, ...delay }) => [
    ['network delay, both directions (us)', delay.requestDelayUs + delay.responseDelayUs],
    ["usual clients' threads of it (us)", clientUs],
  ],
  scale: unscaled,
  none: () => ({ requestDelayUs: 0, responseDelayUs: 0, generatorUs: 0 }),
  least: asEver,
  variation: neverShorter,
  couples: staysInModel,
  cause: {
    code: 'network',
    text: 'requests and responses take time between client and server; if they took none',
    shownBy: ['unlimited-network', 'network-delay-by-rate'],
  },
  resolved: { none: withoutDelay, least: asEver },
});

function withoutDelay<Side extends ServerSide>(server: Side): Side {
  const network = { ...server.network, requestDelayUs: 0, responseDelayUs: 0 };
  return withModels({ ...server, network }, ({ networkDelay: _, ...model }) => model);
}
