import { asEver, effect, neverShorter, staysInModel, unscaled } from './effect.js';
import { type ServerSide, withModels } from './server-side.js';
import { us } from './values.js';

export interface ClientWakeUpFields {
  /**
   * What each further response of an execution takes longer to send to a usual client: it sleeps until each comes, and its
   * thread is woken from the instance's. Perseus' own generator is awake from the first on; absent = nothing.
   */
  readonly clientWakeUs?: number;
}

/** A client that sleeps until each response comes makes further responses of an execution take longer. */
export const clientWakeUps = effect<ClientWakeUpFields>()({
  name: 'client-wake-ups',
  schema: {
    clientWakeUs: us
      .exactOptional()
      .describe('What each further response of an execution takes longer to send to a usual client'),
  },
  describe: ({ clientWakeUs = 0 }) => [
    ['waking clients for each further response of an execution (us)', clientWakeUs],
  ],
  scale: unscaled,
  none: () => ({}),
  least: asEver,
  variation: neverShorter,
  couples: staysInModel,
  cause: {
    code: 'client-wake-ups',
    text: 'instances wake a sleeping client for each response; if clients were awake',
  },
  resolved: { none: awakeClients, least: asEver },
});

function awakeClients<Side extends ServerSide>(server: Side): Side {
  return withModels(server, ({ furtherResponseUs: _, ...model }) => model);
}
