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
  const priorityLevels = fields.priority_levels ?? 0;
  const defaultQueuePolicy = interpretQueuePolicy(fields.default_queue_policy);
  return {
    preferredBatchSizes: preferredSizes(fields.preferred_batch_size ?? [], maxBatchSize),
    maxQueueDelayUs: fields.max_queue_delay_microseconds ?? 0,
    preserveOrdering: fields.preserve_ordering ?? false,
    priorityLevels,
    defaultPriorityLevel: priorityLevels === 0 ? 0 : (fields.default_priority_level ?? 0),
    defaultQueuePolicy,
    priorityQueuePolicy: new Map(
      (priorityLevels === 0 ? [] : [...(fields.priority_queue_policy ?? [])])
        .map(([level, policy]) => [level, interpretQueuePolicy(policy)] as const)
        .sort(([a], [b]) => a - b),
    ),
  };
}

function preferredSizes(sizes: readonly number[], maxBatchSize: number): readonly number[] {
  if (sizes.length > 0) return [...new Set(sizes)].sort((a, b) => a - b);
  return maxBatchSize > 0 ? [maxBatchSize] : [];
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
  for (const [i, size] of (fields.preferred_batch_size ?? []).entries()) {
    if (size >= 1 && size <= maxBatchSize) continue;
    add(
      ['dynamic_batching', 'preferred_batch_size', i],
      `${size} is outside 1 to max_batch_size ${maxBatchSize}`,
      maxBatchSize > 0 ? 'write a size in that range' : 'set max_batch_size, or leave it out',
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
  if (levels === 0) return;
  if (level < 1 || level > levels) {
    const what =
      level === 0 ? 'priority_levels needs a default_priority_level' : `there is no priority level ${level}`;
    add(at('default_priority_level'), what, `write 1 to ${levels}`);
  }
  for (const key of fields.priority_queue_policy?.keys() ?? []) {
    if (key >= 1 && key <= levels) continue;
    add(
      [...at('priority_queue_policy'), String(key)],
      `there is no priority level ${key}`,
      `write 1 to ${levels}`,
    );
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
  const delays = (policy: QueuePolicyFields = {}) =>
    policy.timeout_action === 'DELAY' && (policy.default_timeout_microseconds ?? 0) !== 0;
  if (policies.some(delays)) {
    add(at, 'cannot be kept where a queue policy delays after a timeout', 'leave one of the two out');
  }
}
