import type { ModelConfig } from '../scenario/model-config.js';
import type { InstanceGroupFields, ModelConfigFields } from '../scenario/triton/fields.js';
import { writeModelConfigFields } from '../scenario/triton/write-fields.js';

/**
 * A model's configuration file (as its fields) with batch size, instances and batcher of another
 * configuration. Everything else stays: parameters, tensors, optimization, version policy, warm-up, and what an
 * instance group says besides where its instances go.
 */
export function withScheduling(fields: ModelConfigFields, config: ModelConfig): Record<string, unknown> {
  const { dynamic_batching: _, ...rest } = fields;
  const { max_batch_size, instance_group, dynamic_batching } = writeModelConfigFields(config);
  const groups = (instance_group as object[]).map((group, i) => ({ ...groupExtras(fields, i), ...group }));
  return {
    ...rest,
    max_batch_size,
    instance_group: groups,
    ...(dynamic_batching === undefined ? {} : { dynamic_batching }),
  };
}

/** What a group was written with besides what placing decides. */
export function groupExtras(fields: ModelConfigFields, index: number): InstanceGroupFields {
  const { gpus: _gpus, passive: _passive, ...rest } = fields.instance_group?.[index] ?? {};
  return rest;
}
