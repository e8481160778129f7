import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn, removed, unscaled } from '../effect.js';
import { cv, ms } from '../values.js';

/** The service speed drifts: an AR(1) factor that executions at one time have in common (`walk.ts`). */
export const speedDrift = effect({
  name: 'speed-drift',
  formerNames: { pace: 'speedDrift' },
  schema: {
    speedDrift: z
      .strictObject({ cv, timeConstantMs: ms.positive().describe('In which a slow time is forgotten') })
      .exactOptional()
      .describe('How the speed of all that computes there comes and goes together. Default: it does not'),
  },
  // Models that are simulated apart walk on the same random numbers.
});

export type SpeedDriftFields = FieldsIn<(typeof speedDrift)['schema']>;

/**
 * What computes on a shared machine is longer for a while, and shorter for a while: inferences that begin at about the same time by
 * about the same factor, of mean 1 (lognormal with this coefficient of variation), which forgets itself by
 * `exp(-t / timeConstantMs)`. All models on one device, or on the host's cores, have its ups and downs together. (Measured, six runs of
 * three networks on two cores: latencies of requests that met no other one correlate, 20 to 50 ms apart, by 0.33 within a network and by
 * 0.36 between networks; 100 to 200 ms apart by 0.24 and 0.20; 1 to 2 s apart by 0.03 and 0.01.) A queue that meets a slow time grows
 * as it would not by executions that are longer one here and one there.
 */
export type SpeedDrift = NonNullable<SpeedDriftFields['speedDrift']>;

export const speedDriftStudy = {
  describe: ({ speedDrift }) =>
    speedDrift === undefined
      ? []
      : [[`CV of the machine's speed drift (time constant ${speedDrift.timeConstantMs} ms)`, speedDrift.cv]],
  scale: unscaled,
  none: removed,
  least: asEver,
  variation: ({ speedDrift }) =>
    speedDrift && {
      of: 'executions',
      spread: { law: 'lognormal', cv: speedDrift.cv },
      timeConstantMs: speedDrift.timeConstantMs,
    },
  cause: {
    code: 'speed-drift',
    text: 'the device is slower for a while, and all that executes then takes longer; at one speed',
  },
} as const satisfies EffectStudy<SpeedDriftFields>;
