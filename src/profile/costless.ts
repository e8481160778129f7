import type { ModelProfile } from './profile.js';

const SOURCE = 'a model that has others compute';

/** A profile of a model that costs nothing by itself: what it does, it has others do. */
export function costlessProfile(model: string, device: string): ModelProfile {
  const unknown = 'none';
  return {
    format: 'perseus-profile/1',
    model,
    device,
    provenance: {
      source: SOURCE,
      licence: unknown,
      date: 'unknown',
      gpu: unknown,
      driver: unknown,
      serverVersion: unknown,
      backend: unknown,
      precision: unknown,
      notes: '',
    },
    service: [{ batchSize: 1, inputMs: 0, inferMs: 0, outputMs: 0, executions: 0, relativeError: 0 }],
    spread: { law: 'none' },
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    hostCores: { input: 0, infer: 0, output: 0, response: 0 },
    payload: { requestBytes: 0, responseBytes: 0 },
    memory: { modelMb: 0, perInstanceMb: 0, known: true },
    load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 0 },
    interference: { pairs: [] },
    region: { batchSizes: [], maxUtilization: 1, maxInstances: Number.MAX_SAFE_INTEGER, sharing: [] },
  };
}

/** Whether a profile is one of these: nothing in it was measured, and nothing of it can be doubted. */
export function isCostless({ provenance }: ModelProfile): boolean {
  return provenance.source === SOURCE;
}
