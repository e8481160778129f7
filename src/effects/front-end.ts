import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn } from './effect.js';
import { anyProfile, type ServerSide } from './server-side.js';
import { cv, us } from './values.js';

const schema = {
  frontEnd: z
    .strictObject({
      perRequestUs: us.describe('For each request'),
      perKilobyteUs: us.describe('For each kilobyte of request'),
      // Lognormal.
      cv: cv.exactOptional(),
      relativeError: z
        .number()
        .min(0)
        .max(10)
        .exactOptional()
        .describe(
          'Half of the 95 % interval of these costs, of their logarithm; absent = they were measured',
        ),
    })
    .describe('Cost in a front-end handler thread, before the queue, and how much it varies'),
};

/**
 * Half of the 95 % interval of what a front end takes that was not fitted, of its logarithm: three times less to three times more.
 * Requests of wide-and-deep, the only large ones besides ResNet-50's in NVIDIA's tables, take three times as long for a byte as
 * the neutral front end of `npm run reproduce:nvidia` says.
 */
export const UNTOLD_ERROR = Math.log(3);

export type FrontEndFields = FieldsIn<typeof schema>;

/** A handler thread of the server takes each request in. */
export const frontEnd = effect({
  name: 'front-end',
  schema,
  // Threads are held by requests on their way in, never by what the server does with them later.
  couples: (server: ServerSide<FrontEndFields>) => (usesFrontEnd(server) ? 'arrivals' : undefined),
});

export const frontEndStudy = {
  describe: ({ frontEnd: cost }) => [
    ['front end, per request (us)', cost.perRequestUs],
    ['front end, per kilobyte (us)', cost.perKilobyteUs],
  ],
  scale: ({ frontEnd: cost }, times) => ({
    frontEnd: {
      ...cost,
      perRequestUs: cost.perRequestUs * times,
      perKilobyteUs: cost.perKilobyteUs * times,
    },
  }),
  none: () => ({ frontEnd: { perRequestUs: 0, perKilobyteUs: 0 } }),
  least: asEver,
  variation: ({ frontEnd: { cv: varies = 0 } }) =>
    varies === 0 ? undefined : { of: 'front end', spread: { law: 'lognormal', cv: varies } },
  cause: {
    code: 'front-end',
    text: 'the front end takes time for each request; if it took none',
    shownBy: ['unlimited-front-end'],
  },
} as const satisfies EffectStudy<FrontEndFields>;

/** Whether the front end takes any time for some model of the server. */
function usesFrontEnd(server: ServerSide<FrontEndFields>): boolean {
  return anyProfile(
    server,
    ({ frontEnd: { perRequestUs, perKilobyteUs } }) => perRequestUs > 0 || perKilobyteUs > 0,
  );
}
