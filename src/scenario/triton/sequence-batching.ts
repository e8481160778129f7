import type { SequenceBatching } from '../model-config.js';
import type { AddProblem } from './config-source.js';
import type { ModelConfigFields } from './fields.js';

/** A sequence that sends nothing for so long loses its slot (core `constants.h:92`). */
const DEFAULT_IDLE_US = 1e6;

/** `sequence_batching` with Triton's defaults; undefined for a model without. Direct is the one where none is written. */
export function interpretSequenceBatching(
  fields: ModelConfigFields,
  maxBatchSize: number,
  add: AddProblem,
): SequenceBatching | undefined {
  const written = fields.sequence_batching;
  if (written === undefined) return undefined;
  const at = 'sequence_batching';
  const { direct, oldest, iterative_sequence: isIterative, max_sequence_idle_microseconds: idleUs } = written;
  if (fields.dynamic_batching !== undefined)
    add([at], 'is given beside dynamic_batching', 'keep one of the two');
  if (fields.response_cache?.enable === true)
    add(['response_cache', 'enable'], 'answers of sequences cannot be kept', 'write false');
  if (direct !== undefined && oldest !== undefined)
    add([at, 'oldest'], 'is given beside direct', 'keep one of the two');
  const idle = {
    maxSequenceIdleUs: idleUs === undefined || idleUs === 0 ? DEFAULT_IDLE_US : idleUs,
    ...(isIterative === true && { isIterative }),
  };
  const slots = Math.max(1, maxBatchSize);
  if (oldest === undefined) {
    const minSlotUtilization = direct?.minimum_slot_utilization ?? 0;
    if (minSlotUtilization < 0 || minSlotUtilization > 1)
      add([at, 'direct', 'minimum_slot_utilization'], `${minSlotUtilization} is no share`, 'write 0 to 1');
    const maxQueueDelayUs = direct?.max_queue_delay_microseconds ?? 0;
    return { ...idle, kind: 'direct', slots, maxQueueDelayUs, minSlotUtilization };
  }
  const preferredBatchSizes = [...(oldest.preferred_batch_size ?? [])].sort((a, b) => a - b);
  for (const size of preferredBatchSizes)
    if (size < 1 || size > slots)
      add([at, 'oldest', 'preferred_batch_size'], `${size} is no batch of this model`, `write 1 to ${slots}`);
  return {
    ...idle,
    kind: 'oldest',
    slots: oldest.max_candidate_sequences || slots,
    maxQueueDelayUs: oldest.max_queue_delay_microseconds ?? 0,
    preferredBatchSizes: preferredBatchSizes.length > 0 ? preferredBatchSizes : [slots],
  };
}
