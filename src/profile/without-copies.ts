import type { ModelProfile, ServicePoint } from './profile.js';

/**
 * A model whose tensors lie in the memory of its device before an execution and after it. Copies take a fixed time and one that
 * goes by bytes; only the fixed one stays. A profile of one batch size does not tell them apart: its copies stay whole.
 */
export function withoutCopies(profile: ModelProfile): ModelProfile {
  const inputMs = fixedMs(profile.service, 'inputMs');
  const outputMs = fixedMs(profile.service, 'outputMs');
  return {
    ...profile,
    service: profile.service.map((point) => ({
      ...point,
      inputMs: Math.min(inputMs, point.inputMs),
      outputMs: Math.min(outputMs, point.outputMs),
    })),
  };
}

/** Of the line through the smallest and the largest batch: what a batch of nothing would take. */
function fixedMs(service: readonly ServicePoint[], phase: 'inputMs' | 'outputMs'): number {
  const [small, large] = [service[0]!, service.at(-1)!];
  if (small.batchSize === large.batchSize) return small[phase];
  const slope = (large[phase] - small[phase]) / (large.batchSize - small.batchSize);
  return Math.min(small[phase], Math.max(0, small[phase] - slope * small.batchSize));
}
