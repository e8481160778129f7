/** Configurations in the ways in which repositories write them, for golden and fuzz tests. */

export const RESNET = `name: "resnet50"
platform: "onnxruntime_onnx"
max_batch_size: 128
input [
  {
    name: "input"
    data_type: TYPE_FP32
    format: FORMAT_NCHW
    dims: [ 3, 224, 224 ]
  }
]
output [
  {
    name: "output"
    data_type: TYPE_FP32
    dims: [ 1000 ]
    label_filename: "labels.txt"
  }
]
instance_group [
  {
    count: 2
    kind: KIND_GPU
    gpus: [ 0 ]
  }
]
dynamic_batching {
  preferred_batch_size: [ 8, 4, 8 ]
  max_queue_delay_microseconds: 100
}
optimization { execution_accelerators {
  gpu_execution_accelerator : [ {
    name : "tensorrt"
    parameters { key: "precision_mode" value: "FP16" }
    parameters { key: "max_workspace_size_bytes" value: "1073741824" }
  } ]
}}
version_policy: { latest: { num_versions: 1 } }
`;

/** Priorities with a policy of their own, values one by one, comments. */
export const PRIORITIES = `# two classes of users
backend: 'python'
max_batch_size: 0x10
instance_group { count: 1 kind: KIND_CPU }
dynamic_batching {
  preferred_batch_size: 4, preferred_batch_size: 16;
  priority_levels: 3
  default_priority_level: 2
  default_queue_policy { max_queue_size: 64 default_timeout_microseconds: 500000 allow_timeout_override: true }
  priority_queue_policy { key: 3 value: { timeout_action: DELAY default_timeout_microseconds: 1000 } }
  priority_queue_policy { key: 1 value { max_queue_size: 8 } }
}
parameters [
  { key: "FORCE_CPU_ONLY_INPUT_TENSORS" value: { string_value: "no" } },
  { key: "EXECUTION_ENV_PATH" value: { string_value: "/envs/a.tar.gz" } }
]
`;

/** On one line, with the shortest spellings. */
export const TERSE =
  'backend:"tensorrt" max_batch_size:8 dynamic_batching{} instance_group[{count:1 kind:KIND_GPU passive:true},{count:3 kind:1 gpus:[1,0]}]';

/** No batch dimension; a variable shape; everything that is only accepted. */
export const UNBATCHED = `
platform: "tensorflow_savedmodel"
max_batch_size: 0
input { name: "ids" data_type: TYPE_INT64 dims: [ -1, 128 ] allow_ragged_batch: true optional: true reshape { shape: [] } }
output < name: "scores" data_type: TYPE_FP32 dims: -1 >
default_model_filename: "model.savedmodel"
model_warmup [ {
  name: "zero" batch_size: 1
  inputs { key: "ids" value: { data_type: TYPE_INT64 dims: [ 1, 128 ] zero_data: true } }
} ]
model_transaction_policy { decoupled: false }
response_cache { enable: false }
metric_tags { key: "team" value: "search" }
cc_model_filenames [ { key: "7.5" value: "model_t4.plan" } ]
model_metrics { metric_control: [ { metric_identifier: { family: "nv_inference_first_response_histogram_ms" } histogram_options: { buckets: [ 1, 2.5, 5e1 ] } } ] }
instance_group [ { kind: KIND_CPU rate_limiter { resources [ { name: "R1" count: 4 } ] priority: 2 } host_policy: "numa0" } ]
`;

export const CONFIGS = { RESNET, PRIORITIES, TERSE, UNBATCHED } as const;
