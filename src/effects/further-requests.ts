import * as z from 'zod';
import { asEver, effect, neverShorter, removed, staysInModel } from './effect.js';
import { retired, us } from './values.js';

export interface FurtherRequestFields {
  /**
   * What each further request of an execution adds to gathering its inputs: `service` is measured with one request that
   * holds the whole batch. Absent: nothing.
   */
  readonly perRequest?: { readonly inputUs: number };
}

/** A batch of many requests takes longer to gather than one request of as many inferences. */
export const furtherRequests = effect<FurtherRequestFields>()({
  name: 'further-requests',
  schema: {
    perRequest: z
      .strictObject({ inputUs: us.describe('To gathering inputs'), ...retired('inferUs') })
      .exactOptional()
      .describe('What each further request of an execution adds beyond its inferences'),
  },
  describe: ({ perRequest }) => [['input, per further request (us)', perRequest?.inputUs ?? 0]],
  scale: ({ perRequest }, times) =>
    perRequest === undefined ? {} : { perRequest: { inputUs: perRequest.inputUs * times } },
  none: removed,
  least: asEver,
  variation: neverShorter,
  couples: staysInModel,
  cause: {
    code: 'further-requests',
    text: 'batches of many requests take longer to gather; if they took as long as one request',
  },
});
