// Written by `npm run stubs` from proto/model_config.proto. Do not change it here.

import {
  bool,
  enumOf,
  float,
  int32,
  int64,
  map,
  message,
  repeated,
  string,
  uint32,
  uint64,
} from '../descriptor.js';

export const MODEL_VERSION_POLICY_LATEST = message('Latest', {
  num_versions: uint32,
});

export const MODEL_VERSION_POLICY_ALL = message('All', {});

export const MODEL_VERSION_POLICY_SPECIFIC = message('Specific', {
  versions: repeated(int64),
});

export const MODEL_VERSION_POLICY = message('ModelVersionPolicy', {
  latest: MODEL_VERSION_POLICY_LATEST,
  all: MODEL_VERSION_POLICY_ALL,
  specific: MODEL_VERSION_POLICY_SPECIFIC,
});

export const DATA_TYPE = enumOf(
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

export const MODEL_INPUT_FORMAT = enumOf(
  'FORMAT_NONE',
  'FORMAT_NHWC',
  'FORMAT_NCHW',
);

export const MODEL_TENSOR_RESHAPE = message('ModelTensorReshape', {
  shape: repeated(int64),
});

export const MODEL_INPUT = message('ModelInput', {
  name: string,
  data_type: DATA_TYPE,
  format: MODEL_INPUT_FORMAT,
  dims: repeated(int64),
  reshape: MODEL_TENSOR_RESHAPE,
  is_shape_tensor: bool,
  allow_ragged_batch: bool,
  optional: bool,
  is_non_linear_format_io: bool,
});

export const MODEL_OUTPUT = message('ModelOutput', {
  name: string,
  data_type: DATA_TYPE,
  dims: repeated(int64),
  reshape: MODEL_TENSOR_RESHAPE,
  label_filename: string,
  is_shape_tensor: bool,
  is_non_linear_format_io: bool,
});

export const BATCH_INPUT_KIND = enumOf(
  'BATCH_ELEMENT_COUNT',
  'BATCH_ACCUMULATED_ELEMENT_COUNT',
  'BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO',
  'BATCH_MAX_ELEMENT_COUNT_AS_SHAPE',
  'BATCH_ITEM_SHAPE',
  'BATCH_ITEM_SHAPE_FLATTEN',
);

export const BATCH_INPUT = message('BatchInput', {
  kind: BATCH_INPUT_KIND,
  target_name: repeated(string),
  data_type: DATA_TYPE,
  source_input: repeated(string),
});

export const BATCH_OUTPUT_KIND = enumOf(
  'BATCH_SCATTER_WITH_INPUT_SHAPE',
);

export const BATCH_OUTPUT = message('BatchOutput', {
  target_name: repeated(string),
  kind: BATCH_OUTPUT_KIND,
  source_input: repeated(string),
});

export const MODEL_OPTIMIZATION_POLICY_GRAPH = message('Graph', {
  level: int32,
});

export const MODEL_OPTIMIZATION_POLICY_MODEL_PRIORITY = enumOf(
  'PRIORITY_DEFAULT',
  'PRIORITY_MAX',
  'PRIORITY_MIN',
);

export const MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC_SHAPE = message('Shape', {
  dim: repeated(int64),
});

export const MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC_LOWER_BOUND = message('LowerBound', {
  batch_size: int32,
  input: map(string, MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC_SHAPE),
});

export const MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC = message('GraphSpec', {
  batch_size: int32,
  input: map(string, MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC_SHAPE),
  graph_lower_bound: MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC_LOWER_BOUND,
});

export const MODEL_OPTIMIZATION_POLICY_CUDA = message('Cuda', {
  graphs: bool,
  busy_wait_events: bool,
  graph_spec: repeated(MODEL_OPTIMIZATION_POLICY_CUDA_GRAPH_SPEC),
  output_copy_stream: bool,
});

export const MODEL_OPTIMIZATION_POLICY_EXECUTION_ACCELERATORS_ACCELERATOR = message('Accelerator', {
  name: string,
  parameters: map(string, string),
});

export const MODEL_OPTIMIZATION_POLICY_EXECUTION_ACCELERATORS = message('ExecutionAccelerators', {
  gpu_execution_accelerator: repeated(MODEL_OPTIMIZATION_POLICY_EXECUTION_ACCELERATORS_ACCELERATOR),
  cpu_execution_accelerator: repeated(MODEL_OPTIMIZATION_POLICY_EXECUTION_ACCELERATORS_ACCELERATOR),
});

export const MODEL_OPTIMIZATION_POLICY_PINNED_MEMORY_BUFFER = message('PinnedMemoryBuffer', {
  enable: bool,
});

export const MODEL_OPTIMIZATION_POLICY = message('ModelOptimizationPolicy', {
  graph: MODEL_OPTIMIZATION_POLICY_GRAPH,
  priority: MODEL_OPTIMIZATION_POLICY_MODEL_PRIORITY,
  cuda: MODEL_OPTIMIZATION_POLICY_CUDA,
  execution_accelerators: MODEL_OPTIMIZATION_POLICY_EXECUTION_ACCELERATORS,
  input_pinned_memory: MODEL_OPTIMIZATION_POLICY_PINNED_MEMORY_BUFFER,
  output_pinned_memory: MODEL_OPTIMIZATION_POLICY_PINNED_MEMORY_BUFFER,
  gather_kernel_buffer_threshold: uint32,
  eager_batching: bool,
});

export const MODEL_QUEUE_POLICY_TIMEOUT_ACTION = enumOf(
  'REJECT',
  'DELAY',
);

export const MODEL_QUEUE_POLICY = message('ModelQueuePolicy', {
  timeout_action: MODEL_QUEUE_POLICY_TIMEOUT_ACTION,
  default_timeout_microseconds: uint64,
  allow_timeout_override: bool,
  max_queue_size: uint32,
});

export const MODEL_DYNAMIC_BATCHING = message('ModelDynamicBatching', {
  preferred_batch_size: repeated(int32),
  max_queue_delay_microseconds: uint64,
  preserve_ordering: bool,
  priority_levels: uint64,
  default_priority_level: uint64,
  default_queue_policy: MODEL_QUEUE_POLICY,
  priority_queue_policy: map(uint64, MODEL_QUEUE_POLICY),
});

export const MODEL_SEQUENCE_BATCHING_CONTROL_KIND = enumOf(
  'CONTROL_SEQUENCE_START',
  'CONTROL_SEQUENCE_READY',
  'CONTROL_SEQUENCE_END',
  'CONTROL_SEQUENCE_CORRID',
);

export const MODEL_SEQUENCE_BATCHING_CONTROL = message('Control', {
  kind: MODEL_SEQUENCE_BATCHING_CONTROL_KIND,
  int32_false_true: repeated(int32),
  fp32_false_true: repeated(float),
  data_type: DATA_TYPE,
  bool_false_true: repeated(bool),
});

export const MODEL_SEQUENCE_BATCHING_CONTROL_INPUT = message('ControlInput', {
  name: string,
  control: repeated(MODEL_SEQUENCE_BATCHING_CONTROL),
});

export const MODEL_SEQUENCE_BATCHING_STRATEGY_DIRECT = message('StrategyDirect', {
  max_queue_delay_microseconds: uint64,
  minimum_slot_utilization: float,
});

export const MODEL_SEQUENCE_BATCHING_STRATEGY_OLDEST = message('StrategyOldest', {
  max_candidate_sequences: int32,
  preferred_batch_size: repeated(int32),
  max_queue_delay_microseconds: uint64,
  preserve_ordering: bool,
});

export const MODEL_SEQUENCE_BATCHING_INITIAL_STATE = message('InitialState', {
  data_type: DATA_TYPE,
  dims: repeated(int64),
  zero_data: bool,
  data_file: string,
  name: string,
});

export const MODEL_SEQUENCE_BATCHING_STATE = message('State', {
  input_name: string,
  output_name: string,
  data_type: DATA_TYPE,
  dims: repeated(int64),
  initial_state: repeated(MODEL_SEQUENCE_BATCHING_INITIAL_STATE),
  use_same_buffer_for_input_output: bool,
  use_growable_memory: bool,
});

export const MODEL_SEQUENCE_BATCHING = message('ModelSequenceBatching', {
  max_sequence_idle_microseconds: uint64,
  control_input: repeated(MODEL_SEQUENCE_BATCHING_CONTROL_INPUT),
  direct: MODEL_SEQUENCE_BATCHING_STRATEGY_DIRECT,
  oldest: MODEL_SEQUENCE_BATCHING_STRATEGY_OLDEST,
  state: repeated(MODEL_SEQUENCE_BATCHING_STATE),
  iterative_sequence: bool,
});

export const MODEL_ENSEMBLING_STEP = message('Step', {
  model_name: string,
  model_version: int64,
  input_map: map(string, string),
  output_map: map(string, string),
});

export const MODEL_ENSEMBLING = message('ModelEnsembling', {
  step: repeated(MODEL_ENSEMBLING_STEP),
  max_inflight_requests: uint32,
});

export const MODEL_INSTANCE_GROUP_KIND = enumOf(
  'KIND_AUTO',
  'KIND_GPU',
  'KIND_CPU',
  'KIND_MODEL',
);

export const MODEL_RATE_LIMITER_RESOURCE = message('Resource', {
  name: string,
  global: bool,
  count: uint32,
});

export const MODEL_RATE_LIMITER = message('ModelRateLimiter', {
  resources: repeated(MODEL_RATE_LIMITER_RESOURCE),
  priority: uint32,
});

export const MODEL_INSTANCE_GROUP_SECONDARY_DEVICE_SECONDARY_DEVICE_KIND = enumOf(
  'KIND_NVDLA',
);

export const MODEL_INSTANCE_GROUP_SECONDARY_DEVICE = message('SecondaryDevice', {
  kind: MODEL_INSTANCE_GROUP_SECONDARY_DEVICE_SECONDARY_DEVICE_KIND,
  device_id: int64,
});

export const MODEL_INSTANCE_GROUP = message('ModelInstanceGroup', {
  name: string,
  kind: MODEL_INSTANCE_GROUP_KIND,
  count: int32,
  rate_limiter: MODEL_RATE_LIMITER,
  gpus: repeated(int32),
  secondary_devices: repeated(MODEL_INSTANCE_GROUP_SECONDARY_DEVICE),
  profile: repeated(string),
  passive: bool,
  host_policy: string,
});

export const MODEL_PARAMETER = message('ModelParameter', {
  string_value: string,
});

export const MODEL_WARMUP_INPUT = message('Input', {
  data_type: DATA_TYPE,
  dims: repeated(int64),
  zero_data: bool,
  random_data: bool,
  input_data_file: string,
});

export const MODEL_WARMUP = message('ModelWarmup', {
  name: string,
  batch_size: uint32,
  inputs: map(string, MODEL_WARMUP_INPUT),
  count: uint32,
});

export const MODEL_OPERATIONS = message('ModelOperations', {
  op_library_filename: repeated(string),
});

export const MODEL_TRANSACTION_POLICY = message('ModelTransactionPolicy', {
  decoupled: bool,
});

export const MODEL_REPOSITORY_AGENTS_AGENT = message('Agent', {
  name: string,
  parameters: map(string, string),
});

export const MODEL_REPOSITORY_AGENTS = message('ModelRepositoryAgents', {
  agents: repeated(MODEL_REPOSITORY_AGENTS_AGENT),
});

export const MODEL_RESPONSE_CACHE = message('ModelResponseCache', {
  enable: bool,
});

export const MODEL_METRICS_METRIC_CONTROL_METRIC_IDENTIFIER = message('MetricIdentifier', {
  family: string,
});

export const MODEL_METRICS_METRIC_CONTROL_HISTOGRAM_OPTIONS = message('HistogramOptions', {
  buckets: repeated(float),
});

export const MODEL_METRICS_METRIC_CONTROL = message('MetricControl', {
  metric_identifier: MODEL_METRICS_METRIC_CONTROL_METRIC_IDENTIFIER,
  histogram_options: MODEL_METRICS_METRIC_CONTROL_HISTOGRAM_OPTIONS,
});

export const MODEL_METRICS = message('ModelMetrics', {
  metric_control: repeated(MODEL_METRICS_METRIC_CONTROL),
});

export const MODEL_CONFIG = message('ModelConfig', {
  name: string,
  platform: string,
  backend: string,
  runtime: string,
  version_policy: MODEL_VERSION_POLICY,
  max_batch_size: int32,
  input: repeated(MODEL_INPUT),
  output: repeated(MODEL_OUTPUT),
  batch_input: repeated(BATCH_INPUT),
  batch_output: repeated(BATCH_OUTPUT),
  optimization: MODEL_OPTIMIZATION_POLICY,
  dynamic_batching: MODEL_DYNAMIC_BATCHING,
  sequence_batching: MODEL_SEQUENCE_BATCHING,
  ensemble_scheduling: MODEL_ENSEMBLING,
  instance_group: repeated(MODEL_INSTANCE_GROUP),
  default_model_filename: string,
  cc_model_filenames: map(string, string),
  metric_tags: map(string, string),
  parameters: map(string, MODEL_PARAMETER),
  model_warmup: repeated(MODEL_WARMUP),
  model_operations: MODEL_OPERATIONS,
  model_transaction_policy: MODEL_TRANSACTION_POLICY,
  model_repository_agents: MODEL_REPOSITORY_AGENTS,
  response_cache: MODEL_RESPONSE_CACHE,
  model_metrics: MODEL_METRICS,
});
