import {
  type FieldTable,
  type IgnoredDescriptor,
  ignored,
  type MessageDescriptor,
  message,
  repeated,
  type ValueOf,
} from './descriptor.js';
import * as proto from './generated/model-config.js';

/**
 * Fields of Triton's `ModelConfig`, with what is known here about their effect. Fields marked `ignored` are checked
 * but have no effect here: what they do to speed is in the profile, the rest does not touch timing.
 */

const INPUT = ignoring(proto.MODEL_INPUT, 'format', 'reshape', 'is_non_linear_format_io');

const OUTPUT = ignoring(proto.MODEL_OUTPUT, 'reshape', 'label_filename', 'is_non_linear_format_io');

const INSTANCE_GROUP = ignoring(proto.MODEL_INSTANCE_GROUP, 'secondary_devices', 'profile', 'host_policy');

/** What its inputs and states hold touches no timing. */
const SEQUENCE_BATCHING = message(proto.MODEL_SEQUENCE_BATCHING.name, {
  ...ignoring(proto.MODEL_SEQUENCE_BATCHING, 'control_input', 'state').fields,
  oldest: ignoring(proto.MODEL_SEQUENCE_BATCHING_STRATEGY_OLDEST, 'preserve_ordering'),
});

const OPTIMIZATION = ignoring(
  proto.MODEL_OPTIMIZATION_POLICY,
  'graph',
  'priority',
  'cuda',
  'execution_accelerators',
  'input_pinned_memory',
  'output_pinned_memory',
  'gather_kernel_buffer_threshold',
);

export const MODEL_CONFIG = message(proto.MODEL_CONFIG.name, {
  ...ignoring(
    proto.MODEL_CONFIG,
    'runtime',
    'version_policy',
    'batch_input',
    'batch_output',
    'default_model_filename',
    'cc_model_filenames',
    'metric_tags',
    'parameters',
    'model_operations',
    'model_repository_agents',
    'model_metrics',
  ).fields,
  input: repeated(INPUT),
  output: repeated(OUTPUT),
  instance_group: repeated(INSTANCE_GROUP),
  optimization: OPTIMIZATION,
  sequence_batching: SEQUENCE_BATCHING,
});

/** The same message, with some of its fields marked. */
function ignoring<F extends FieldTable, Names extends keyof F & string>(
  { name, fields }: MessageDescriptor<F>,
  ...names: readonly Names[]
): MessageDescriptor<{ readonly [Name in keyof F]: Name extends Names ? IgnoredDescriptor : F[Name] }> {
  const marked = names.map((each) => [each, ignored(fields[each]!)] as const);
  return message(name, { ...fields, ...Object.fromEntries(marked) }) as never;
}

/** A model configuration as it is written, field for field. */
export type ModelConfigFields = ValueOf<typeof MODEL_CONFIG>;
export type InstanceGroupFields = ValueOf<typeof INSTANCE_GROUP>;
export type DynamicBatchingFields = ValueOf<typeof proto.MODEL_DYNAMIC_BATCHING>;
export type QueuePolicyFields = ValueOf<typeof proto.MODEL_QUEUE_POLICY>;
export type TensorFields = ValueOf<typeof INPUT>;
