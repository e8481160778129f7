import { InputError, ProblemList } from '../../../src/base/problem.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import type { Random } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { findWrongNumber } from '../numbers.js';
import { shippedTexts } from '../samples.js';

/** Triton's model configurations in text protobuf. */
export function pbtxtFamilies(): readonly Family[] {
  const samples = [...shippedTexts('examples/scenarios', '.pbtxt'), ...OWN];
  const generate = (random: Random) => mistakenText(random, { samples, words: WORDS });
  return [textFamily({ name: 'pbtxt', everyProblemHasLine: true, generate, read: readConfig })];
}

const OWN: readonly string[] = [
  `name: "resnet50"
platform: "onnxruntime_onnx"
max_batch_size: 128
input [ { name: "input" data_type: TYPE_FP32 format: FORMAT_NCHW dims: [ 3, 224, 224 ] } ]
output [ { name: "output" data_type: TYPE_FP32 dims: [ 1000 ] label_filename: "labels.txt" } ]
instance_group [ { count: 2 kind: KIND_GPU gpus: [ 0 ] } ]
dynamic_batching { preferred_batch_size: [ 8, 4, 8 ] max_queue_delay_microseconds: 100 }
version_policy: { latest: { num_versions: 1 } }
`,
  `# two classes of users
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
parameters [ { key: "EXECUTION_ENV_PATH" value: { string_value: "/envs/a\\x41\\n.tar.gz" } } ]
`,
  'backend:"tensorrt" max_batch_size:8 dynamic_batching{} instance_group[{count:1 kind:KIND_GPU},{count:3 kind:1 gpus:[1,0]}]',
  `platform: "tensorflow_savedmodel"
input { name: "ids" data_type: TYPE_INT64 dims: [ -1, 128 ] allow_ragged_batch: true optional: true reshape { shape: [] } }
output < name: "scores" data_type: TYPE_FP32 dims: -1 >
model_warmup [ { name: "zero" batch_size: 1 inputs { key: "ids" value: { data_type: TYPE_INT64 dims: [ 1, 128 ] zero_data: true } } } ]
model_metrics { metric_control: [ { metric_identifier: { family: "f" } histogram_options: { buckets: [ 1, 2.5, 5e1f ] } } ] }
`,
];

const WORDS: readonly string[] = [
  ...`{ } [ ] < > : , ; - " ' \\ # "" "\\ "\\x "\\u00e9" 0x 08 1e999 1f true t`.split(' '),
  ...'name max_batch_size dynamic_batching priority_levels key value KIND_CPU KIND_MODEL REJECT'.split(' '),
  ...['\n', '- -1', 'sequence_batching {}', 'ensemble_scheduling {}', 'instance_group {}', '[a.b/c.d]: 1'],
];

/** As the check of a scenario reads it, for a server with two GPUs. */
function readConfig(text: string): void {
  const problems = new ProblemList();
  const source = readModelConfigText(text, INPUT_FILE, problems);
  const config = source && interpretModelConfig(source, { name: 'resnet50', devices: 2 }, problems);
  if (problems.problems.length > 0) throw new InputError(problems.problems);
  demand(config !== undefined, 'neither a configuration nor a problem');
  checkConfig(config);
}

function checkConfig(config: ModelConfig): void {
  const { maxBatchSize, instanceGroups, dynamicBatching } = config;
  const wrong = findWrongNumber({ ...config, inputs: [], outputs: [] });
  demand(wrong === undefined, `the configuration has ${wrong}`);
  demand(maxBatchSize <= 65_535, `max_batch_size is ${maxBatchSize}`);
  demand(
    instanceGroups.every(({ count }) => Number.isInteger(count) && count >= 1 && count <= 1024),
    'a group has no sensible count',
  );
  const preferred = dynamicBatching?.preferredBatchSizes ?? [];
  demand(
    preferred.every((size, i) => size >= 1 && size <= maxBatchSize && size > (preferred[i - 1] ?? 0)),
    () => `preferred sizes ${preferred.join()} with max_batch_size ${maxBatchSize}`,
  );
}
