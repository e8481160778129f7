import {
  anything,
  bool,
  enumOf,
  float,
  ignored,
  int32,
  int64,
  map,
  message,
  repeated,
  string,
  uint32,
  uint64,
  type ValueOf,
} from './descriptor.js';

/**
 * Fields of Triton's `ModelConfig` as of 26.08: names and types as in `protobuf/model_config.proto`
 * of triton-inference-server/common. Fields marked `ignored` are checked but have no effect here:
 * what they do to speed is in the profile, the rest does not touch timing.
 */

const DATA_TYPE = enumOf(
  'TYPE_INVALID',
  'TYPE_BOOL',
  'TYPE_UINT8',
  'TYPE_UINT16',
  'TYPE_UINT32',
  'TYPE_UINT64',
  'TYPE_INT8',
  'TYPE_INT16',
  'TYPE_INT32',
  'TYPE_INT64',
  'TYPE_FP16',
  'TYPE_FP32',
  'TYPE_FP64',
  'TYPE_STRING',
  'TYPE_BF16',
);

const RESHAPE = ignored(message('ModelTensorReshape', { shape: repeated(int64) }));

const INPUT = message('ModelInput', {
  name: string,
  data_type: DATA_TYPE,
  format: ignored(enumOf('FORMAT_NONE', 'FORMAT_NHWC', 'FORMAT_NCHW')),
  dims: repeated(int64),
  reshape: RESHAPE,
  is_shape_tensor: bool,
  allow_ragged_batch: bool,
  optional: bool,
  is_non_linear_format_io: ignored(bool),
});

const OUTPUT = message('ModelOutput', {
  name: string,
  data_type: DATA_TYPE,
  dims: repeated(int64),
  reshape: RESHAPE,
  label_filename: ignored(string),
  is_shape_tensor: bool,
  is_non_linear_format_io: ignored(bool),
});

const BATCH_INPUT = message('BatchInput', {
  kind: enumOf(
    'BATCH_ELEMENT_COUNT',
    'BATCH_ACCUMULATED_ELEMENT_COUNT',
    'BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO',
    'BATCH_MAX_ELEMENT_COUNT_AS_SHAPE',
    'BATCH_ITEM_SHAPE',
    'BATCH_ITEM_SHAPE_FLATTEN',
  ),
  target_name: repeated(string),
  data_type: DATA_TYPE,
  source_input: repeated(string),
});

const BATCH_OUTPUT = message('BatchOutput', {
  target_name: repeated(string),
  kind: enumOf('BATCH_SCATTER_WITH_INPUT_SHAPE'),
  source_input: repeated(string),
});

const VERSION_POLICY = message('ModelVersionPolicy', {
  latest: message('Latest', { num_versions: uint32 }),
  all: message('All', {}),
  specific: message('Specific', { versions: repeated(int64) }),
});

const GRAPH_SHAPES = map(string, message('Shape', { dim: repeated(int64) }));

const ACCELERATOR = message('Accelerator', { name: string, parameters: map(string, string) });

const PINNED_MEMORY = message('PinnedMemoryBuffer', { enable: bool });

const OPTIMIZATION = message('ModelOptimizationPolicy', {
  graph: message('Graph', { level: int32 }),
  priority: enumOf('PRIORITY_DEFAULT', 'PRIORITY_MAX', 'PRIORITY_MIN'),
  cuda: message('Cuda', {
    graphs: bool,
    busy_wait_events: bool,
    graph_spec: repeated(
      message('GraphSpec', {
        batch_size: int32,
        input: GRAPH_SHAPES,
        graph_lower_bound: message('LowerBound', { batch_size: int32, input: GRAPH_SHAPES }),
      }),
    ),
    output_copy_stream: bool,
  }),
  execution_accelerators: message('ExecutionAccelerators', {
    gpu_execution_accelerator: repeated(ACCELERATOR),
    cpu_execution_accelerator: repeated(ACCELERATOR),
  }),
  input_pinned_memory: PINNED_MEMORY,
  output_pinned_memory: PINNED_MEMORY,
  gather_kernel_buffer_threshold: uint32,
  eager_batching: bool,
});

const QUEUE_POLICY = message('ModelQueuePolicy', {
  timeout_action: enumOf('REJECT', 'DELAY'),
  default_timeout_microseconds: uint64,
  allow_timeout_override: bool,
  max_queue_size: uint32,
});

const DYNAMIC_BATCHING = message('ModelDynamicBatching', {
  preferred_batch_size: repeated(int32),
  max_queue_delay_microseconds: uint64,
  preserve_ordering: bool,
  priority_levels: uint64,
  default_priority_level: uint64,
  default_queue_policy: QUEUE_POLICY,
  priority_queue_policy: map(uint64, QUEUE_POLICY),
});

const RATE_LIMITER = message('ModelRateLimiter', {
  resources: repeated(message('Resource', { name: string, global: bool, count: uint32 })),
  priority: uint32,
});

const INSTANCE_GROUP = message('ModelInstanceGroup', {
  name: string,
  kind: enumOf('KIND_AUTO', 'KIND_GPU', 'KIND_CPU', 'KIND_MODEL'),
  count: int32,
  // Triton looks at it only when started with --rate-limit=execution_count.
  rate_limiter: ignored(RATE_LIMITER),
  gpus: repeated(int32),
  secondary_devices: ignored(
    repeated(message('SecondaryDevice', { kind: enumOf('KIND_NVDLA'), device_id: int64 })),
  ),
  profile: ignored(repeated(string)),
  passive: bool,
  host_policy: ignored(string),
});

const WARMUP_INPUT = message('Input', {
  data_type: DATA_TYPE,
  dims: repeated(int64),
  zero_data: bool,
  random_data: bool,
  input_data_file: string,
});

const WARMUP = message('ModelWarmup', {
  name: string,
  batch_size: uint32,
  inputs: map(string, WARMUP_INPUT),
  count: uint32,
});

const METRICS = message('ModelMetrics', {
  metric_control: repeated(
    message('MetricControl', {
      metric_identifier: message('MetricIdentifier', { family: string }),
      histogram_options: message('HistogramOptions', { buckets: repeated(float) }),
    }),
  ),
});

const AGENTS = message('ModelRepositoryAgents', {
  agents: repeated(message('Agent', { name: string, parameters: map(string, string) })),
});

export const MODEL_CONFIG = message('ModelConfig', {
  name: string,
  platform: string,
  backend: string,
  runtime: ignored(string),
  version_policy: ignored(VERSION_POLICY),
  max_batch_size: int32,
  input: repeated(INPUT),
  output: repeated(OUTPUT),
  batch_input: ignored(repeated(BATCH_INPUT)),
  batch_output: ignored(repeated(BATCH_OUTPUT)),
  optimization: ignored(OPTIMIZATION),
  dynamic_batching: DYNAMIC_BATCHING,
  sequence_batching: anything,
  ensemble_scheduling: anything,
  instance_group: repeated(INSTANCE_GROUP),
  default_model_filename: ignored(string),
  cc_model_filenames: ignored(map(string, string)),
  metric_tags: ignored(map(string, string)),
  parameters: ignored(map(string, message('ModelParameter', { string_value: string }))),
  model_warmup: ignored(repeated(WARMUP)),
  model_operations: ignored(message('ModelOperations', { op_library_filename: repeated(string) })),
  model_transaction_policy: message('ModelTransactionPolicy', { decoupled: bool }),
  model_repository_agents: ignored(AGENTS),
  response_cache: message('ModelResponseCache', { enable: bool }),
  model_metrics: ignored(METRICS),
});

/** A model configuration as it is written, field for field. */
export type ModelConfigFields = ValueOf<typeof MODEL_CONFIG>;
export type InstanceGroupFields = ValueOf<typeof INSTANCE_GROUP>;
export type DynamicBatchingFields = ValueOf<typeof DYNAMIC_BATCHING>;
export type QueuePolicyFields = ValueOf<typeof QUEUE_POLICY>;
export type TensorFields = ValueOf<typeof INPUT>;
