import { type ModelConfig, PLAIN_BATCHING } from '../scenario/model-config.js';

/**
 * A model as its calibration serves it: sequences of one request each go together as requests of a dynamic batcher do, and have
 * one inference each.
 */
export function asMeasured(config: ModelConfig): ModelConfig {
  const { sequences, maxBatchSize } = config;
  if (sequences === undefined) return config;
  const preferredBatchSizes = maxBatchSize > 0 ? [maxBatchSize] : [];
  return { ...config, dynamicBatching: { ...PLAIN_BATCHING, preferredBatchSizes } };
}

/** The largest request that a model takes: one of a sequence has one inference. */
export function largestRequest({ sequences, maxBatchSize }: ModelConfig): number {
  return sequences === undefined ? maxBatchSize : 1;
}
