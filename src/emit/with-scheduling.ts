import type { ModelConfig } from '../scenario/model-config.js';
import type { InstanceGroupFields, ModelConfigFields } from '../scenario/triton/fields.js';
import { writeModelConfigFields } from '../scenario/triton/write-fields.js';

/**
 * A model's configuration file (as its fields) with batch size, instances and batcher of another
 * configuration. Everything else stays: parameters, tensors, optimization, version policy, warm-up as far as the
 * batch size allows, and what an instance group says besides where its instances go.
 */
export function withScheduling(fields: ModelConfigFields, config: ModelConfig): Record<string, unknown> {
  const { dynamic_batching: _, ...rest } = fields;
  const { instance_group, dynamic_batching } = writeModelConfigFields(config);
  const groups = (instance_group as object[]).map((group, i) => ({ ...groupExtras(fields, i), ...group }));
  return {
    ...withFittingWarmup({ ...rest, max_batch_size: config.maxBatchSize }),
    instance_group: groups,
    ...(dynamic_batching === undefined ? {} : { dynamic_batching }),
  };
}

/** Triton does not load a model with a warm-up sample that is larger than its largest batch. */
export function withFittingWarmup(fields: ModelConfigFields): ModelConfigFields {
  const samples = fields.model_warmup as readonly WarmUpSample[] | undefined;
  if (samples === undefined) return fields;
  const largest = Math.max(1, fields.max_batch_size ?? 0);
  const fitting = samples.map((sample) =>
    sample.batch_size !== undefined && sample.batch_size > largest
      ? { ...sample, batch_size: largest }
      : sample,
  );
  return { ...fields, model_warmup: fitting };
}

interface WarmUpSample {
  readonly batch_size?: number;
}

/** What a group was written with besides what placing decides. */
export function groupExtras(fields: ModelConfigFields, index: number): InstanceGroupFields {
  const { gpus: _gpus, passive: _passive, ...rest } = fields.instance_group?.[index] ?? {};
  return rest;
}
