import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn, removed } from './effect.js';
import { retired, us } from './values.js';

/** A batch of many requests takes longer to gather than one request of as many inferences. */
export const furtherRequests = effect({
  name: 'further-requests',
  schema: {
    perRequest: z
      .strictObject({ inputUs: us.describe('To gathering inputs'), ...retired('inferUs') })
      .exactOptional()
      .describe('What each further request of an execution adds beyond its inferences'),
  },
});

export type FurtherRequestFields = FieldsIn<(typeof furtherRequests)['schema']>;

export const furtherRequestsStudy = {
  describe: ({ perRequest }) => [['input, per further request (us)', perRequest?.inputUs ?? 0]],
  scale: ({ perRequest }, times) =>
    perRequest === undefined ? {} : { perRequest: { inputUs: perRequest.inputUs * times } },
  none: removed,
  least: asEver,
  cause: {
    code: 'further-requests',
    text: 'batches of many requests take longer to gather; if they took as long as one request',
  },
} as const satisfies EffectStudy<FurtherRequestFields>;
