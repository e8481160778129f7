import { type ModelConfig, servingInstances } from '../scenario/model-config.js';

/**
 * How the configuration that a live server has in force differs from the scenario's in what decides
 * scheduling: one sentence each, empty where both are the same.
 */
export function configDifferences(live: ModelConfig, simulated: ModelConfig): string[] {
  const [a, b] = [schedulingFields(live), schedulingFields(simulated)];
  return Object.keys(a).flatMap((field) =>
    JSON.stringify(a[field]) === JSON.stringify(b[field])
      ? []
      : [
          `${field} is ${JSON.stringify(a[field])} on the server and ${JSON.stringify(b[field])} in the scenario`,
        ],
  );
}

function schedulingFields(config: ModelConfig): Record<string, unknown> {
  const { maxBatchSize, dynamicBatching, sequences, ensemble } = config;
  return {
    max_batch_size: maxBatchSize,
    instances: servingInstances(config),
    dynamic_batching: dynamicBatching !== undefined,
    preferred_batch_size: dynamicBatching?.preferredBatchSizes ?? [],
    max_queue_delay_microseconds: dynamicBatching?.maxQueueDelayUs ?? 0,
    preserve_ordering: dynamicBatching?.preserveOrdering ?? false,
    priority_levels: dynamicBatching?.priorityLevels ?? 0,
    default_priority_level: dynamicBatching?.defaultPriorityLevel ?? 0,
    default_queue_policy: dynamicBatching?.defaultQueuePolicy ?? null,
    priority_queue_policy: [...(dynamicBatching?.priorityQueuePolicy ?? [])],
    sequence_batching: sequences ?? null,
    response_cache: config.responseCache ?? false,
    steps: ensemble?.steps.map(({ model, inputs, outputs }) => [model, [...inputs], [...outputs]]) ?? [],
  };
}
