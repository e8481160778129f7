import { blankProfile } from '../../profile/blank.js';
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
  const blank = blankProfile(config.name, device);
  return {
    ...blank,
    placeholder: true,
    provenance: {
      ...blank.provenance,
      source: 'written by perseus init, to be filled in',
      licence: 'own use',
      gpu: device,
      backend: config.backend || config.platform || 'unknown',
      notes: `Nobody measured these figures. Write yours, then delete the field placeholder; or measure it with perseus calibrate, then delete this file.`,
    },
    service: sizes.map((size) => pointOf(size, engine === undefined ? PLACEHOLDER_MS * size : DECODE_MS)),
    ...(device === CPU_KIND && { hostCores: { ...blank.hostCores, infer: 1 } }),
    ...(engine !== undefined && { engine: PLACEHOLDER_ENGINE }),
    region: { ...blank.region, batchSizes: sizes, sharing: ['exclusive'] },
  };
}

function pointOf(batchSize: number, inferMs: number): ServicePoint {
  return { batchSize, inputMs: 0, inferMs, outputMs: 0, executions: 0, relativeError: 0 };
}

/** Name of its file in the folder of profiles. */
export function placeholderFile({ model, device }: Pick<ModelProfile, 'model' | 'device'>): string {
  return `${model}.${device.replace(/[^\w.-]+/g, '-')}.profile.json`;
}
