import type { ModelProfile } from '../../src/profile/profile.js';

/** The parts of a profile on which a table of latencies is silent, at their neutral value. */
export const NOT_IN_THE_SOURCE = {
  response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
  hostCores: { input: 0, infer: 0, output: 0, response: 0 },
  payload: { requestBytes: 0, responseBytes: 0 },
  memory: { modelMb: 0, perInstanceMb: 0, known: false },
  load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 0 },
} satisfies Partial<ModelProfile>;
