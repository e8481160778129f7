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

/**
 * Whether requests of one inference are measured alone: one of a sequence has no more, and a decoupled model may take a batch
 * request by request, so that one large request says nothing of many.
 */
export function takesSingles({ sequences, decoupled }: ModelConfig): boolean {
  return sequences !== undefined || decoupled === true;
}

export function largestRequest(config: ModelConfig): number {
  return takesSingles(config) ? 1 : config.maxBatchSize;
}
