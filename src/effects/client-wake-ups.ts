import { asEver, type EffectStudy, effect, type FieldsIn, removed, unscaled } from './effect.js';
import { type ServerSide, withModels } from './server-side.js';
import { us } from './values.js';

/** A client that sleeps until each response comes makes further responses of an execution take longer. */
export const clientWakeUps = effect({
  name: 'client-wake-ups',
  schema: {
    clientWakeUs: us
      .exactOptional()
      .describe('What each further response of an execution takes longer to send to a usual client'),
  },
});

export type ClientWakeUpFields = FieldsIn<(typeof clientWakeUps)['schema']>;

export const clientWakeUpsStudy = {
  describe: ({ clientWakeUs = 0 }) => [
    ['waking clients for each further response of an execution (us)', clientWakeUs],
  ],
  scale: unscaled,
  none: removed,
  least: asEver,
  cause: {
    code: 'client-wake-ups',
    text: 'instances wake a sleeping client for each response; if clients were awake',
  },
  resolved: { none: awakeClients, least: asEver },
} as const satisfies EffectStudy<ClientWakeUpFields>;

function awakeClients<Side extends ServerSide>(server: Side): Side {
  return withModels(server, ({ furtherResponseUs: _, ...model }) => model);
}
