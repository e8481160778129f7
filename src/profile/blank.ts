import type { ModelProfile } from './profile.js';

/** A profile to be filled in: nothing of it takes any time, and nobody knows where it is from. */
export function blankProfile(model: string, device: string): ModelProfile {
  return {
    format: 'perseus-profile/1',
    model,
    device,
    provenance: {
      source: 'unknown',
      licence: 'unknown',
      date: 'unknown',
      gpu: 'unknown',
      driver: 'unknown',
      serverVersion: 'unknown',
      backend: 'unknown',
      precision: 'unknown',
      notes: '',
    },
    service: [],
    spread: { law: 'none' },
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    hostCores: { input: 0, infer: 0, output: 0, response: 0 },
    payload: { requestBytes: 0, responseBytes: 0 },
    memory: { modelMb: 0, perInstanceMb: 0, known: false },
    load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 0 },
    interference: { pairs: [] },
    region: { batchSizes: [], maxUtilization: 1, maxInstances: 1, sharing: [] },
  };
}
