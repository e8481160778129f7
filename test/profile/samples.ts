import { parseProfile, serializeProfile, serverProfileOf } from '../../src/profile/parse.js';
import type { ModelProfile } from '../../src/profile/profile.js';

/** A valid profile with three points; parts can be replaced. */
export function sampleProfile(parts: Partial<ModelProfile> = {}): ModelProfile {
  return {
    format: 'perseus-profile/1',
    model: 'resnet50',
    device: 'Tesla T4',
    provenance: {
      source: 'measured on host a, 2026-01-02',
      licence: 'CC0-1.0',
      date: '2026-01-02',
      gpu: 'NVIDIA T4',
      driver: '550.54',
      serverVersion: '24.10',
      backend: 'onnxruntime',
      precision: 'FP32',
      notes: 'made up for tests',
    },
    service: [point(2, 0.2, 4, 0.1), point(4, 0.4, 6, 0.1), point(8, 0.8, 10, 0.3)],
    spread: { law: 'lognormal', cv: 0.1 },
    response: { fixedUs: 10, perRequestUs: 20, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 50, perKilobyteUs: 0.5 },
    hostCores: { input: 1, infer: 0, output: 1, response: 1 },
    payload: { requestBytes: 602_112, responseBytes: 4000 },
    memory: { modelMb: 100, perInstanceMb: 300, known: true },
    load: { loadMs: 3000, unloadMs: 100, firstInferenceMs: 500 },
    interference: { self: 1.8, pairs: [{ model: 'bert', slowdown: 2.5 }], sensitivity: 0.5, pressure: 0.8 },
    region: {
      batchSizes: [2, 4, 8],
      maxUtilization: 0.8,
      maxInstances: 2,
      sharing: ['exclusive', 'streams'],
    },
    fit: { method: 'read off', points: 3, heldOut: 0, meanErrorPercent: 1, maxErrorPercent: 2 },
    ...parts,
  };
}

/** The profile as it comes back from its file and that of its server. */
export function writtenAndRead(profile: ModelProfile): ModelProfile {
  const server = serverProfileOf([profile]);
  return parseProfile(serializeProfile(profile), server === undefined ? {} : { server });
}

export function point(batchSize: number, inputMs: number, inferMs: number, outputMs: number) {
  return { batchSize, inputMs, inferMs, outputMs, executions: 1000, relativeError: 0.01 };
}
