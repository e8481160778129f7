import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile, ServicePoint } from '../../profile/profile.js';
import type { ModelConfig } from '../model-config.js';
import type { SurveyedEngine } from '../repository/engine.js';

/** A round figure that nobody takes for a measurement, for one inference. */
export const PLACEHOLDER_MS = 5;

/** A decode step, of one sequence as of many: it reads the weights, however many tokens it makes of them. */
export const DECODE_MS = 20;
const MEASURED_SEQUENCES = 64;

/** As round, for a language model: a token of a prompt, and what the KV cache holds. */
export const PLACEHOLDER_ENGINE = { prefillMsPerToken: 0.1, kvTokens: 100_000 };

/**
 * A profile to fill in: its figures let a scenario run and mean nothing. A batch takes as long as its inferences one by one, so
 * that batching promises nothing.
 */
export function placeholderProfile(
  config: ModelConfig,
  device: string,
  engine?: SurveyedEngine,
): ModelProfile {
  const sizes = [
    ...new Set([1, Math.max(1, engine === undefined ? config.maxBatchSize : MEASURED_SEQUENCES)]),
  ];
  return {
    format: 'perseus-profile/1',
    model: config.name,
    device,
    placeholder: true,
    provenance: {
      source: 'written by perseus init, to be filled in',
      licence: 'own use',
      date: 'unknown',
      gpu: device,
      driver: 'unknown',
      serverVersion: 'unknown',
      backend: config.backend || config.platform || 'unknown',
      precision: 'unknown',
      notes: `Nobody measured these figures. Write yours, then delete the field placeholder; or measure it with perseus calibrate, then delete this file.`,
    },
    service: sizes.map((size) => pointOf(size, engine === undefined ? PLACEHOLDER_MS * size : DECODE_MS)),
    spread: { law: 'none' },
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    hostCores: device === CPU_KIND ? { input: 0, infer: 1, output: 0, response: 0 } : NO_CORES,
    payload: { requestBytes: 0, responseBytes: 0 },
    memory: { modelMb: 0, perInstanceMb: 0, known: false },
    ...(engine !== undefined && { engine: PLACEHOLDER_ENGINE }),
    load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 0 },
    interference: { pairs: [] },
    region: { batchSizes: sizes, maxUtilization: 1, maxInstances: 1, sharing: ['exclusive'] },
  };
}

const NO_CORES = { input: 0, infer: 0, output: 0, response: 0 };

function pointOf(batchSize: number, inferMs: number): ServicePoint {
  return { batchSize, inputMs: 0, inferMs, outputMs: 0, executions: 0, relativeError: 0 };
}
