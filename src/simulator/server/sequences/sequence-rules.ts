import { type ModelConfig, PLAIN_BATCHING, type SequenceBatching } from '../../../scenario/model-config.js';
import { batchingRules } from '../batching.js';
import type { ModelServerOptions } from '../server-parts.js';
import type { SequenceOptions } from './sequence-server.js';

/** What the configuration of a model with sequences says of its slots and batches, and its server of their threads. */
export type SequenceRules = Pick<
  SequenceOptions,
  'direct' | 'rules' | 'instances' | 'slotsEach' | 'idleNs' | 'threads'
>;

/** @param config of a model with sequences */
export function sequenceRules(
  config: ModelConfig,
  {
    instances,
    batcherWakeNs,
    instancePickUpNs,
    instanceWakeNs,
    timerSlackNs,
    batcherWins,
  }: ModelServerOptions,
): SequenceRules {
  const sequences = config.sequences!;
  const asDynamic = { ...PLAIN_BATCHING, ...(sequences.kind === 'oldest' && oldestBatching(sequences)) };
  const rules = batchingRules({ ...config, dynamicBatching: asDynamic });
  const { maxBatchSize, enforceEqualShape } = rules;
  const delayNs = sequences.maxQueueDelayUs * 1000;
  return {
    ...(sequences.kind === 'direct'
      ? {
          direct: {
            maxBatchSize,
            delayNs,
            minSlotUtilization: sequences.minSlotUtilization,
            enforceEqualShape,
          },
        }
      : { rules }),
    instances,
    slotsEach: sequences.slots,
    idleNs: sequences.maxSequenceIdleUs * 1000,
    threads: { batcherWakeNs, instancePickUpNs, instanceWakeNs, timerSlackNs, batcherWins },
  };
}

function oldestBatching({
  preferredBatchSizes,
  maxQueueDelayUs,
}: Extract<SequenceBatching, { kind: 'oldest' }>) {
  return { preferredBatchSizes, maxQueueDelayUs };
}
