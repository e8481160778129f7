import { InputError } from '../../base/problem.js';
import type { ServedModelSpec } from '../../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import type {
  DynamicBatchingFields,
  ModelConfigFields,
  QueuePolicyFields,
} from '../../scenario/triton/fields.js';
import { configOf, withServed } from './placement.js';

/** What decides the batches of a model and how long its requests may wait. */
export interface Batching {
  /** 0: its tensors have no batch dimension. */
  readonly maxBatchSize: number;
  /** Absent where it has no dynamic batching: then the rest says nothing. */
  readonly isDynamic: boolean;
  readonly preferredSizes: readonly number[];
  readonly delayUs: number;
  /** Most requests that wait; 0 = any number. */
  readonly queueSize: number;
  /** Longest wait in the queue; 0 = any. */
  readonly queueTimeoutUs: number;
}

/** How a model makes its batches; undefined where the scenario does not hold its configuration, or it has sequences. */
export function batchingOf(model: ServedModelSpec): Batching | undefined {
  const fields = configOf(model);
  if (fields === undefined || fields.ensemble_scheduling || fields.sequence_batching) return undefined;
  const dynamic = fields.dynamic_batching;
  const policy = dynamic?.default_queue_policy;
  return {
    maxBatchSize: fields.max_batch_size ?? 0,
    isDynamic: dynamic !== undefined,
    preferredSizes: dynamic?.preferred_batch_size ?? [],
    delayUs: dynamic?.max_queue_delay_microseconds ?? 0,
    queueSize: policy?.max_queue_size ?? 0,
    queueTimeoutUs: policy?.default_timeout_microseconds ?? 0,
  };
}

/** Largest batch and longest delay that the page offers; a model's own limit is lower. */
const MOST = { maxBatchSize: 4096, delayUs: 60e6, queueSize: 1e6, queueTimeoutUs: 3600e6 };

/**
 * The scenario where a model makes its batches so, on every server that serves it.
 * @throws InputError where a value means nothing
 */
export function setBatching(spec: ScenarioSpec, name: string, change: Partial<Batching>): ScenarioSpec {
  for (const [key, most] of Object.entries(MOST)) {
    const value = change[key as keyof typeof MOST] ?? 0;
    if (!Number.isInteger(value) || value < 0 || value > most)
      throw InputError.of(`${value} is outside of 0 to ${most}`, 'write a whole number in that range');
  }
  return withServed(spec, name, (model) => changed(model, change));
}

function changed(model: ServedModelSpec, change: Partial<Batching>): ServedModelSpec {
  const before = batchingOf(model);
  if (before === undefined) return model;
  const after = { ...before, ...change };
  const { dynamic_batching: dynamic, ...fields } = configOf(model)!;
  const config: ModelConfigFields = {
    ...fields,
    max_batch_size: after.maxBatchSize,
    ...(after.isDynamic && { dynamic_batching: dynamicFields(dynamic ?? {}, before, after, change) }),
  };
  return { ...model, config };
}

function dynamicFields(
  fields: DynamicBatchingFields,
  before: Batching,
  after: Batching,
  change: Partial<Batching>,
): DynamicBatchingFields {
  const { preferred_batch_size: _, ...rest } = fields;
  const sizes = change.preferredSizes ?? sizesUpTo(before, after.maxBatchSize);
  const preferred = [...new Set(sizes)].filter((size) => size >= 1 && size <= after.maxBatchSize);
  const policy: QueuePolicyFields = {
    ...fields.default_queue_policy,
    max_queue_size: after.queueSize,
    default_timeout_microseconds: after.queueTimeoutUs,
  };
  const hasPolicy =
    fields.default_queue_policy !== undefined || after.queueSize > 0 || after.queueTimeoutUs > 0;
  return {
    ...rest,
    ...(preferred.length > 0 && { preferred_batch_size: preferred.sort((a, b) => a - b) }),
    max_queue_delay_microseconds: after.delayUs,
    ...(hasPolicy && { default_queue_policy: policy }),
  };
}

/** Where only the largest batch was preferred, which is Triton's default, it is so still. */
function sizesUpTo({ preferredSizes, maxBatchSize }: Batching, most: number): readonly number[] {
  const isLargest = preferredSizes.length === 1 && preferredSizes[0] === maxBatchSize;
  return isLargest ? [most] : preferredSizes;
}
