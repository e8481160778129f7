import * as z from 'zod';
import { effect, neverShorter, staysInModel } from './effect.js';
import { ms } from './values.js';

export interface LoadFields {
  /** `firstInferenceMs`: what the first execution of an instance takes longer, in scenarios that start it cold. */
  readonly load: { readonly loadMs: number; readonly unloadMs: number; readonly firstInferenceMs: number };
}

/** The first execution of an instance also initialises what it needs. */
export const coldStart = effect<LoadFields>()({
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
  variation: neverShorter,
  couples: staysInModel,
  cause: { code: 'cold-start', text: 'first executions take longer; if instances were initialised' },
});

function initialised({ load }: LoadFields): LoadFields {
  return { load: { ...load, firstInferenceMs: 0 } };
}
