import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn } from './effect.js';
import { us } from './values.js';

/** An instance builds and sends the responses of an execution one by one before it goes on. */
export const response = effect({
  name: 'response',
  schema: {
    response: z
      .strictObject({
        fixedUs: us.describe('Once for an execution'),
        perRequestUs: us.describe('For each of its requests'),
        perKilobyteUs: us.describe('For each kilobyte of response'),
        releaseUs: us
          .exactOptional()
          .describe(
            'For each of its requests, after their responses: giving it back, before the next execution',
          ),
      })
      .describe('Response building and sending on the instance thread'),
  },
});

export type ResponseFields = FieldsIn<(typeof response)['schema']>;

export const responseStudy = {
  describe: ({ response: cost }) => [
    ['response, per execution (us)', cost.fixedUs],
    ['response, per request (us)', cost.perRequestUs],
    ['response, per kilobyte (us)', cost.perKilobyteUs],
    ['giving back, per request (us)', cost.releaseUs ?? 0],
  ],
  scale: ({ response: cost }, times) => ({
    response: {
      fixedUs: cost.fixedUs * times,
      perRequestUs: cost.perRequestUs * times,
      perKilobyteUs: cost.perKilobyteUs * times,
      ...(cost.releaseUs !== undefined && { releaseUs: cost.releaseUs * times }),
    },
  }),
  none: () => ({ response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 } }),
  least: asEver,
  cause: {
    code: 'response',
    text: 'instances build and send responses before they go on; if that took no time',
    // The batcher runs too early, and sleeps, while an instance still sends.
    shownBy: ['attentive-batcher'],
  },
} as const satisfies EffectStudy<ResponseFields>;
