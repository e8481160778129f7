import type {
  DynamicBatching,
  EnsembleConfig,
  GroupLimits,
  ModelConfig,
  QueuePolicy,
  SequenceBatching,
} from '../model-config.js';
import { LATEST } from './ensemble.js';

/**
 * A model configuration as the fields of `config.pbtxt`, plain data for YAML or JSON, with every
 * default written out: what `interpretModelConfig` reads back to the same value.
 */
export function writeModelConfigFields(config: ModelConfig): Record<string, unknown> {
  return {
    name: config.name,
    ...(config.platform === '' ? {} : { platform: config.platform }),
    ...(config.backend === '' ? {} : { backend: config.backend }),
    max_batch_size: config.maxBatchSize,
    ...(config.inputs.length === 0 ? {} : { input: config.inputs.map(writeInput) }),
    ...(config.outputs.length === 0 ? {} : { output: config.outputs.map(writeTensor) }),
    ...(config.ensemble === undefined ? {} : { ensemble_scheduling: writeEnsemble(config.ensemble) }),
    ...(config.sequences === undefined ? {} : { sequence_batching: writeSequences(config.sequences) }),
    ...(config.eagerBatching === true ? { optimization: { eager_batching: true } } : {}),
    ...(config.decoupled === true ? { model_transaction_policy: { decoupled: true } } : {}),
    ...(config.responseCache === true ? { response_cache: { enable: true } } : {}),
    // That there is one is all that is known of it here.
    ...(config.isWarmedUp === true ? { model_warmup: [{ name: 'warm-up', batch_size: 1 }] } : {}),
    instance_group: config.instanceGroups.map(({ name, kind, count, gpus, passive, rateLimiter }) => ({
      name,
      kind,
      count,
      ...(gpus.length === 0 ? {} : { gpus: [...gpus] }),
      ...(passive ? { passive } : {}),
      ...(rateLimiter === undefined ? {} : { rate_limiter: writeLimits(rateLimiter) }),
    })),
    ...(config.dynamicBatching ? { dynamic_batching: writeDynamicBatching(config.dynamicBatching) } : {}),
  };
}

function writeLimits({ resources, priority }: GroupLimits): Record<string, unknown> {
  return {
    ...(resources.length > 0 && {
      resources: resources.map(({ name, count, global }) => ({ name, count, ...(global && { global }) })),
    }),
    priority,
  };
}

function writeEnsemble({ steps, maxInFlight }: EnsembleConfig): Record<string, unknown> {
  return {
    step: steps.map(({ model, version = LATEST, inputs, outputs }) => ({
      model_name: model,
      model_version: version,
      input_map: Object.fromEntries(inputs),
      output_map: Object.fromEntries(outputs),
    })),
    ...(maxInFlight !== undefined && { max_inflight_requests: maxInFlight }),
  };
}

function writeSequences(sequences: SequenceBatching): Record<string, unknown> {
  const { maxSequenceIdleUs, maxQueueDelayUs, slots, isIterative } = sequences;
  const strategy =
    sequences.kind === 'direct'
      ? {
          direct: {
            max_queue_delay_microseconds: maxQueueDelayUs,
            minimum_slot_utilization: sequences.minSlotUtilization,
          },
        }
      : {
          oldest: {
            max_candidate_sequences: slots,
            preferred_batch_size: [...sequences.preferredBatchSizes],
            max_queue_delay_microseconds: maxQueueDelayUs,
          },
        };
  return {
    max_sequence_idle_microseconds: maxSequenceIdleUs,
    ...(isIterative === true && { iterative_sequence: true }),
    ...strategy,
  };
}

type Tensor = ModelConfig['inputs'][number];

function writeTensor({ name, dataType, dims, isShapeTensor }: Tensor): Record<string, unknown> {
  return {
    name,
    data_type: dataType,
    dims: [...dims],
    ...(isShapeTensor ? { is_shape_tensor: true } : {}),
  };
}

function writeInput(tensor: Tensor): Record<string, unknown> {
  return {
    ...writeTensor(tensor),
    ...(tensor.allowRaggedBatch ? { allow_ragged_batch: true } : {}),
    ...(tensor.optional ? { optional: true } : {}),
  };
}

function writeDynamicBatching(batching: DynamicBatching): Record<string, unknown> {
  const levels = batching.priorityQueuePolicy;
  return {
    preferred_batch_size: [...batching.preferredBatchSizes],
    max_queue_delay_microseconds: batching.maxQueueDelayUs,
    ...(batching.preserveOrdering ? { preserve_ordering: true } : {}),
    ...(batching.priorityLevels > 0 && {
      priority_levels: batching.priorityLevels,
      default_priority_level: batching.defaultPriorityLevel,
    }),
    default_queue_policy: writeQueuePolicy(batching.defaultQueuePolicy),
    ...(levels.size > 0 && {
      priority_queue_policy: Object.fromEntries(
        [...levels].map(([level, policy]) => [String(level), writeQueuePolicy(policy)]),
      ),
    }),
  };
}

function writeQueuePolicy(policy: QueuePolicy): Record<string, unknown> {
  return {
    timeout_action: policy.timeoutAction,
    default_timeout_microseconds: policy.defaultTimeoutUs,
    allow_timeout_override: policy.allowTimeoutOverride,
    max_queue_size: policy.maxQueueSize,
  };
}
