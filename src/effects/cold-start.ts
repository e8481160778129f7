import * as z from 'zod';
import { type EffectStudy, effect, type FieldsIn } from './effect.js';
import { ms } from './values.js';

/** The first execution of an instance also initialises what it needs. */
export const coldStart = effect({
  name: 'cold-start',
  schema: {
    load: z
      .strictObject({
        loadMs: ms.describe('To load it; 0 = unknown'),
        unloadMs: ms.describe('To unload it; 0 = unknown'),
        firstInferenceMs: ms.describe('What the first execution of an instance takes longer; 0 = unknown'),
      })
      .describe('Loading and unloading'),
  },
});

export type LoadFields = FieldsIn<(typeof coldStart)['schema']>;

export const coldStartStudy = {
  describe: ({ load }) => [
    ['load (ms)', load.loadMs],
    ['unload (ms)', load.unloadMs],
    ['first inference (ms)', load.firstInferenceMs],
  ],
  scale: ({ load }, times) => ({
    load: {
      loadMs: load.loadMs * times,
      unloadMs: load.unloadMs * times,
      firstInferenceMs: load.firstInferenceMs * times,
    },
  }),
  none: initialised,
  // With instances without limit each request would meet a cold one.
  least: initialised,
  cause: { code: 'cold-start', text: 'first executions take longer; if instances were initialised' },
} as const satisfies EffectStudy<LoadFields>;

function initialised({ load }: LoadFields): LoadFields {
  return { load: { ...load, firstInferenceMs: 0 } };
}
