import { type DynamicBatching, NO_QUEUE_POLICY, type QueuePolicy } from '../model-config.js';
import type { AddProblem } from './config-source.js';
import type { DynamicBatchingFields, QueuePolicyFields } from './fields.js';

/**
 * The dynamic batcher's settings with Triton's defaults: no preferred size means the largest one.
 * Undefined without `dynamic_batching`.
 */
export function interpretDynamicBatching(
  fields: DynamicBatchingFields | undefined,
  maxBatchSize: number,
  add: AddProblem,
): DynamicBatching | undefined {
  if (fields === undefined) return undefined;
  checkPreferredSizes(fields, maxBatchSize, add);
  checkPriorities(fields, add);
  checkOrdering(fields, add);
  const preferred = fields.preferred_batch_size ?? [];
  const defaultQueuePolicy = interpretQueuePolicy(fields.default_queue_policy);
  return {
    preferredBatchSizes:
      preferred.length === 0 ? [maxBatchSize] : [...new Set(preferred)].sort((a, b) => a - b),
    maxQueueDelayUs: fields.max_queue_delay_microseconds ?? 0,
    preserveOrdering: fields.preserve_ordering ?? false,
    priorityLevels: fields.priority_levels ?? 0,
    defaultPriorityLevel: fields.default_priority_level ?? 0,
    defaultQueuePolicy,
    priorityQueuePolicy: new Map(
      [...(fields.priority_queue_policy ?? [])]
        .map(([level, policy]) => [level, interpretQueuePolicy(policy)] as const)
        .sort(([a], [b]) => a - b),
    ),
  };
}

/** Each level is a queue of its own; Triton sets no limit, but nobody means more than this. */
const MOST_LEVELS = 1000;

function interpretQueuePolicy(fields: QueuePolicyFields = {}): QueuePolicy {
  return {
    timeoutAction: fields.timeout_action ?? NO_QUEUE_POLICY.timeoutAction,
    defaultTimeoutUs: fields.default_timeout_microseconds ?? 0,
    allowTimeoutOverride: fields.allow_timeout_override ?? false,
    maxQueueSize: fields.max_queue_size ?? 0,
  };
}

function checkPreferredSizes(fields: DynamicBatchingFields, maxBatchSize: number, add: AddProblem): void {
  if (maxBatchSize === 0) {
    add(
      ['dynamic_batching'],
      'dynamic batching needs a batch dimension, but max_batch_size is 0',
      'set max_batch_size, or leave dynamic_batching out',
    );
    return;
  }
  for (const [i, size] of (fields.preferred_batch_size ?? []).entries()) {
    if (size >= 1 && size <= maxBatchSize) continue;
    add(
      ['dynamic_batching', 'preferred_batch_size', i],
      `${size} is outside 1 to max_batch_size ${maxBatchSize}`,
      'write a size in that range',
    );
  }
}

function checkPriorities(fields: DynamicBatchingFields, add: AddProblem): void {
  const levels = fields.priority_levels ?? 0;
  const level = fields.default_priority_level ?? 0;
  const at = (field: string) => ['dynamic_batching', field];
  if (levels > MOST_LEVELS) {
    add(at('priority_levels'), `${levels} priority levels`, `write at most ${MOST_LEVELS}`);
  }
  if (levels === 0 && level !== 0) {
    add(at('default_priority_level'), 'there are no priority levels', 'set priority_levels, or leave it out');
  }
  if (levels > 0 && (level < 1 || level > levels)) {
    const what =
      level === 0 ? 'priority_levels needs a default_priority_level' : `there is no priority level ${level}`;
    add(at('default_priority_level'), what, `write 1 to ${levels}`);
  }
  for (const key of fields.priority_queue_policy?.keys() ?? []) {
    if (key >= 1 && key <= levels) continue;
    const remedy = levels === 0 ? 'set priority_levels, or leave it out' : `write 1 to ${levels}`;
    add([...at('priority_queue_policy'), String(key)], `there is no priority level ${key}`, remedy);
  }
}

/** Responses cannot keep the order of arrival where the batcher itself changes it. */
function checkOrdering(fields: DynamicBatchingFields, add: AddProblem): void {
  if (fields.preserve_ordering !== true) return;
  const at = ['dynamic_batching', 'preserve_ordering'];
  if ((fields.priority_levels ?? 0) > 1) {
    add(at, 'cannot be kept with more than one priority level', 'leave one of the two out');
  }
  const policies = [fields.default_queue_policy, ...(fields.priority_queue_policy?.values() ?? [])];
  if (policies.some((policy) => policy?.timeout_action === 'DELAY')) {
    add(at, 'cannot be kept where a queue policy has timeout_action DELAY', 'leave one of the two out');
  }
}
