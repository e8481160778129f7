import { describe, expect, it } from 'vitest';
import { formatProblem, ProblemList } from '../../../src/base/problem.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { MODEL_CONFIG } from '../../../src/scenario/triton/fields.js';
import { ignoredFields } from '../../../src/scenario/triton/ignored-fields.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import { PRIORITIES, RESNET, TERSE, UNBATCHED } from './configs.js';

function read(text: string, devices = 2, name = 'resnet50') {
  const problems = new ProblemList();
  const source = readModelConfigText(text, 'config.pbtxt', problems);
  const config = source && interpretModelConfig(source, { name, devices }, problems);
  return { config, source, problems: problems.problems.map(formatProblem) };
}

function config(text: string, devices?: number): ModelConfig {
  const result = read(text, devices);
  expect(result.problems).toEqual([]);
  return result.config!;
}

describe('a model configuration', () => {
  it('of a vision model is read with its preferred sizes in order', () => {
    expect(config(RESNET)).toEqual({
      name: 'resnet50',
      platform: 'onnxruntime_onnx',
      backend: '',
      maxBatchSize: 128,
      inputs: [
        {
          name: 'input',
          dataType: 'TYPE_FP32',
          dims: [3, 224, 224],
          allowRaggedBatch: false,
          optional: false,
        },
      ],
      outputs: [
        { name: 'output', dataType: 'TYPE_FP32', dims: [1000], allowRaggedBatch: false, optional: false },
      ],
      instanceGroups: [{ name: 'resnet50_0', kind: 'KIND_GPU', count: 2, gpus: [0], passive: false }],
      dynamicBatching: {
        preferredBatchSizes: [4, 8],
        maxQueueDelayUs: 100,
        preserveOrdering: false,
        priorityLevels: 0,
        defaultPriorityLevel: 0,
        defaultQueuePolicy: {
          timeoutAction: 'REJECT',
          defaultTimeoutUs: 0,
          allowTimeoutOverride: false,
          maxQueueSize: 0,
        },
        priorityQueuePolicy: new Map(),
      },
    });
  });

  it('has a policy for each priority level that names one', () => {
    const { dynamicBatching, maxBatchSize } = config(PRIORITIES);
    expect(maxBatchSize).toBe(16);
    expect(dynamicBatching).toMatchObject({
      preferredBatchSizes: [4, 16],
      priorityLevels: 3,
      defaultPriorityLevel: 2,
      defaultQueuePolicy: { maxQueueSize: 64, defaultTimeoutUs: 500_000, allowTimeoutOverride: true },
    });
    expect([...dynamicBatching!.priorityQueuePolicy]).toEqual([
      [1, { timeoutAction: 'REJECT', defaultTimeoutUs: 0, allowTimeoutOverride: false, maxQueueSize: 8 }],
      [3, { timeoutAction: 'DELAY', defaultTimeoutUs: 1000, allowTimeoutOverride: false, maxQueueSize: 0 }],
    ]);
  });

  it('prefers the largest batch where no size is preferred', () => {
    expect(config(TERSE).dynamicBatching?.preferredBatchSizes).toEqual([8]);
  });

  it('keeps passive groups, the order of GPUs and enums written as numbers', () => {
    expect(config(TERSE).instanceGroups).toEqual([
      { name: 'resnet50_0', kind: 'KIND_GPU', count: 1, gpus: [], passive: true },
      { name: 'resnet50_1', kind: 'KIND_GPU', count: 3, gpus: [1, 0], passive: false },
    ]);
  });

  it('without a batch dimension has no dynamic batcher', () => {
    const unbatched = config(UNBATCHED);
    expect(unbatched.maxBatchSize).toBe(0);
    expect(unbatched.dynamicBatching).toBeUndefined();
    expect(unbatched.inputs).toEqual([
      { name: 'ids', dataType: 'TYPE_INT64', dims: [-1, 128], allowRaggedBatch: true, optional: true },
    ]);
  });

  it('may have a dynamic batcher without a batch dimension, with no size to prefer', () => {
    const { dynamicBatching } = config('dynamic_batching { max_queue_delay_microseconds: 100 }');
    expect(dynamicBatching).toMatchObject({ preferredBatchSizes: [], maxQueueDelayUs: 100 });
  });

  it('has no policies and no default of priority levels that are not there', () => {
    const { dynamicBatching } = config(
      'max_batch_size: 8 dynamic_batching { default_priority_level: 1 priority_queue_policy { key: 1 value { max_queue_size: 3 } } }',
    );
    expect(dynamicBatching).toMatchObject({ priorityLevels: 0, defaultPriorityLevel: 0 });
    expect(dynamicBatching!.priorityQueuePolicy.size).toBe(0);
  });

  // Each as the real server (24.10) was seen to load it.
  it('has the last policy that a level is given, alone, and an entry without a key is one of level 0', () => {
    const twice = config(
      `max_batch_size: 8 dynamic_batching { priority_levels: 2 default_priority_level: 1
        priority_queue_policy { key: 2 value { max_queue_size: 3 } }
        priority_queue_policy { key: 2 value { default_timeout_microseconds: 5000 } } }`,
    );
    expect([...twice.dynamicBatching!.priorityQueuePolicy]).toEqual([
      [2, { timeoutAction: 'REJECT', defaultTimeoutUs: 5000, allowTimeoutOverride: false, maxQueueSize: 0 }],
    ]);
    const keyless = 'dynamic_batching { priority_queue_policy { } priority_queue_policy { value { } } }';
    expect(config(`max_batch_size: 8 ${keyless}`).dynamicBatching!.priorityQueuePolicy.size).toBe(0);
    const { source } = read(
      'metric_tags { value: "1" } metric_tags { key: "a" value: "1" } metric_tags { key: "a" }',
    );
    expect(source!.fields.metric_tags).toEqual(
      new Map([
        ['', '1'],
        ['a', ''],
      ]),
    );
  });

  it('has as many instances as without a count where a group is written with a negative one', () => {
    const { instanceGroups } = config('backend: "onnxruntime" instance_group { kind: KIND_CPU count: -1 }');
    expect(instanceGroups).toMatchObject([{ kind: 'KIND_CPU', count: 2 }]);
  });

  it('may keep the order where a policy would delay but has no timeout', () => {
    const { dynamicBatching } = config(
      'max_batch_size: 8 dynamic_batching { preserve_ordering: true default_queue_policy { timeout_action: DELAY } }',
    );
    expect(dynamicBatching).toMatchObject({ preserveOrdering: true });
  });

  it('batches eagerly where it says so', () => {
    expect(config('optimization { eager_batching: true }').eagerBatching).toBe(true);
    expect(config('optimization { eager_batching: false }').eagerBatching).toBeUndefined();
    const { source } = read('optimization { eager_batching: true, cuda { graphs: true } }');
    expect(ignoredFields(MODEL_CONFIG, source!.fields)).toEqual(['optimization.cuda']);
  });

  it('names the fields that change nothing', () => {
    expect(ignoredFields(MODEL_CONFIG, read(UNBATCHED).source!.fields)).toEqual([
      'input.reshape',
      'instance_group.host_policy',
      'default_model_filename',
      'cc_model_filenames',
      'metric_tags',
      'model_metrics',
    ]);
  });

  const counts: readonly (readonly [string, string, number, object])[] = [
    ['one on the GPU by default', 'backend: "onnxruntime"', 1, { kind: 'KIND_GPU', count: 1 }],
    ['one for KIND_AUTO with a GPU', 'instance_group {}', 1, { kind: 'KIND_GPU', count: 1 }],
    ['two on the CPU for onnxruntime', 'backend: "onnxruntime"', 0, { kind: 'KIND_CPU', count: 2 }],
    ['two on the CPU for tensorflow', 'platform: "tensorflow_graphdef"', 0, { kind: 'KIND_CPU', count: 2 }],
    ['one on the CPU for other backends', 'backend: "python"', 0, { kind: 'KIND_CPU', count: 1 }],
    [
      'two on the CPU beside a GPU',
      'backend: "onnxruntime" instance_group { kind: KIND_CPU }',
      1,
      { kind: 'KIND_CPU', count: 2 },
    ],
    [
      'what the group says',
      'backend: "onnxruntime" instance_group { kind: KIND_CPU count: 5 }',
      0,
      { kind: 'KIND_CPU', count: 5 },
    ],
  ];

  it.each(counts)('has %s', (_, text, devices, expected) => {
    expect(config(text, devices).instanceGroups).toMatchObject([expected]);
  });

  const mistakes: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'an unknown field',
      'max_batchsize: 8',
      ['1:1: max_batchsize: unknown field "max_batchsize" of ModelConfig; write max_batch_size'],
    ],
    [
      'an unknown field inside',
      'dynamic_batching {\n  preferred_batch_sizes: [4]\n}',
      [
        '2:3: dynamic_batching.preferred_batch_sizes: unknown field "preferred_batch_sizes" of ModelDynamicBatching; write preferred_batch_size',
      ],
    ],
    [
      'a field in the wrong place',
      'max_queue_delay_microseconds: 100\ndynamic_batching { max_queue_size: 4 }',
      [
        '1:1: max_queue_delay_microseconds: unknown field "max_queue_delay_microseconds" of ModelConfig; its place is dynamic_batching.max_queue_delay_microseconds or sequence_batching.direct.max_queue_delay_microseconds or sequence_batching.oldest.max_queue_delay_microseconds',
        '2:20: dynamic_batching.max_queue_size: unknown field "max_queue_size" of ModelDynamicBatching; its place is dynamic_batching.default_queue_policy.max_queue_size or dynamic_batching.priority_queue_policy.max_queue_size',
      ],
    ],
    [
      'a text for a number',
      'max_batch_size: "8"',
      ['1:17: max_batch_size: "8" is not allowed here; write a whole number from -2147483648 to 2147483647'],
    ],
    [
      'a fraction for a whole number',
      'max_batch_size: 8.5',
      ['1:17: max_batch_size: 8.5 is not allowed here; write a whole number from -2147483648 to 2147483647'],
    ],
    [
      'a number that is too large',
      'dynamic_batching { max_queue_delay_microseconds: 18446744073709551616 }',
      [
        '1:50: dynamic_batching.max_queue_delay_microseconds: 18446744073709551616 is not allowed here; write a whole number from 0 to 9007199254740991',
      ],
    ],
    ['a number for a text', 'backend: 5', ['1:10: backend: 5 is not allowed here; write a text in quotes']],
    [
      'a word for a text',
      'backend: onnxruntime',
      ['1:10: backend: onnxruntime is not allowed here; write a text in quotes'],
    ],
    [
      'an unknown word',
      'instance_group { kind: KIND_GPUS }',
      ['1:24: instance_group[0].kind: KIND_GPUS is not known here; write KIND_GPU'],
    ],
    [
      'an enum number that does not exist',
      'instance_group { kind: 9 }',
      [
        '1:24: instance_group[0].kind: 9 is not known here; write one of KIND_AUTO, KIND_GPU, KIND_CPU, KIND_MODEL',
      ],
    ],
    [
      'a value for a message',
      'dynamic_batching: true',
      [
        '1:19: dynamic_batching: true is not allowed here; write { … } with the fields of ModelDynamicBatching',
      ],
    ],
    [
      'a message for a value',
      'max_batch_size { }',
      [
        '1:16: max_batch_size: a message is not allowed here; write a whole number from -2147483648 to 2147483647',
      ],
    ],
    [
      'a field given twice',
      'max_batch_size: 8\nmax_batch_size: 4',
      ['2:1: max_batch_size: is given more than once; keep one of them'],
    ],
    [
      'a list for a single value',
      'max_batch_size: [8]',
      ['1:18: max_batch_size: a list where one value is expected; leave the brackets out'],
    ],
    [
      'an empty list for a single value, or for a field that is not known',
      'max_batch_size: []\ngpus: []\ninput: []',
      [
        '1:1: max_batch_size: a list where one value is expected; leave the brackets out',
        '2:1: gpus: unknown field "gpus" of ModelConfig; its place is instance_group.gpus',
      ],
    ],
    [
      'a map entry with two keys, or with something else',
      'parameters { key: "x" key: "y" } metric_tags { key: "a" name: "b" }',
      [
        '1:12: parameters[0]: is no entry of a map; write {key: …, value: …}',
        '1:46: metric_tags[0]: is no entry of a map; write {key: …, value: …}',
      ],
    ],
    [
      'a policy without a level where there are levels',
      'max_batch_size: 8 dynamic_batching { priority_levels: 1 default_priority_level: 1 priority_queue_policy { value { } } }',
      ['1:83: dynamic_batching.priority_queue_policy["0"]: there is no priority level 0; write 1 to 1'],
    ],
    [
      'a minus where there are no negative numbers',
      'dynamic_batching { max_queue_delay_microseconds: -0 }',
      [
        '1:50: dynamic_batching.max_queue_delay_microseconds: -0 is not allowed here; write a whole number from 0 to 9007199254740991',
      ],
    ],
    [
      'a shape tensor outside of TensorRT',
      'backend: "onnxruntime" input { name: "x" data_type: TYPE_INT32 dims: [2] is_shape_tensor: true }',
      ['1:91: input[0].is_shape_tensor: only TensorRT has shape tensors; leave it out'],
    ],
    [
      'all mistakes at once',
      'max_batch_siz: 8 backend: 5',
      [
        '1:1: max_batch_siz: unknown field "max_batch_siz" of ModelConfig; write max_batch_size',
        '1:27: backend: 5 is not allowed here; write a text in quotes',
      ],
    ],
    [
      'another name than the model',
      'name: "vgg"',
      ['1:7: name: "vgg" is not the name of this model; write "resnet50" or leave it out'],
    ],
    [
      'a platform that went with Triton 1',
      'platform: "custom"',
      [
        '1:11: platform: Triton has no platform "custom"; write backend, or one of ensemble, onnxruntime_onnx, pytorch_libtorch, tensorflow_graphdef, tensorflow_savedmodel, tensorrt_plan',
      ],
    ],
    ['a negative batch', 'max_batch_size: -1', ['1:17: max_batch_size: -1 is negative; write 0 or more']],
    [
      'preferred sizes out of range',
      'max_batch_size: 8 dynamic_batching { preferred_batch_size: [0, 8, 9] }',
      [
        '1:61: dynamic_batching.preferred_batch_size[0]: 0 is outside 1 to max_batch_size 8; write a size in that range',
        '1:67: dynamic_batching.preferred_batch_size[2]: 9 is outside 1 to max_batch_size 8; write a size in that range',
      ],
    ],
    [
      'a preferred size without a batch dimension',
      'dynamic_batching { preferred_batch_size: 1 }',
      [
        '1:42: dynamic_batching.preferred_batch_size[0]: 1 is outside 1 to max_batch_size 0; set max_batch_size, or leave it out',
      ],
    ],
    [
      'priority levels without a default',
      'max_batch_size: 8 dynamic_batching { priority_levels: 2 }',
      [
        '1:36: dynamic_batching.default_priority_level: priority_levels needs a default_priority_level; write 1 to 2',
      ],
    ],
    [
      'a default level beyond the last',
      'max_batch_size: 8 dynamic_batching { priority_levels: 2 default_priority_level: 3 }',
      ['1:81: dynamic_batching.default_priority_level: there is no priority level 3; write 1 to 2'],
    ],
    [
      'a policy of a level that is not there',
      'max_batch_size: 8 dynamic_batching { priority_levels: 1 default_priority_level: 1 priority_queue_policy { key: 2 value { } } }',
      ['1:120: dynamic_batching.priority_queue_policy["2"]: there is no priority level 2; write 1 to 1'],
    ],
    [
      'order kept beside priorities',
      'max_batch_size: 8 dynamic_batching { preserve_ordering: true priority_levels: 2 default_priority_level: 1 }',
      [
        '1:57: dynamic_batching.preserve_ordering: cannot be kept with more than one priority level; leave one of the two out',
      ],
    ],
    [
      'order kept beside delayed requests',
      'max_batch_size: 8 dynamic_batching { preserve_ordering: true default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 1 } }',
      [
        '1:57: dynamic_batching.preserve_ordering: cannot be kept where a queue policy delays after a timeout; leave one of the two out',
      ],
    ],
    [
      'order kept beside delayed requests of a level, even where there are no levels',
      'max_batch_size: 8 dynamic_batching { preserve_ordering: true priority_queue_policy { key: 1 value { timeout_action: DELAY default_timeout_microseconds: 1 } } }',
      [
        '1:57: dynamic_batching.preserve_ordering: cannot be kept where a queue policy delays after a timeout; leave one of the two out',
      ],
    ],
    [
      'a GPU that is not there',
      'instance_group { gpus: [0, 2] }',
      ['1:28: instance_group[0].gpus[1]: the server has no GPU 2; write 0 to 1, or list it under devices'],
    ],
    [
      'a GPU twice',
      'instance_group { gpus: [1, 1] }',
      ['1:28: instance_group[0].gpus[1]: GPU 1 is listed twice; raise count instead'],
    ],
    [
      'GPUs of a CPU group',
      'instance_group { kind: KIND_CPU gpus: [0] }',
      ['1:33: instance_group[0].gpus: a group of KIND_CPU has no GPUs; leave gpus out'],
    ],
    [
      'a dimension of zero',
      'input { name: "x" dims: [3, 0] }',
      ['1:29: input[0].dims[1]: 0 is no dimension; write 1 or more, or -1 where it varies'],
    ],
    [
      'iterative sequences beside a dynamic batcher',
      'sequence_batching { iterative_sequence: true } dynamic_batching { }',
      ['1:19: sequence_batching: is given beside dynamic_batching; keep one of the two'],
    ],
    [
      'an ensemble without maps and with instances',
      'platform: "ensemble" ensemble_scheduling { step [ { model_name: "a" } ] } instance_group [ { } ]',
      [
        '1:75: instance_group: it is an ensemble, which only hands on to its steps; leave it out',
        '1:51: ensemble_scheduling.step[0].input_map: is missing; map each input of the model',
        '1:51: ensemble_scheduling.step[0].output_map: is missing; map an output of the model',
      ],
    ],
    [
      'an ensemble that is called something else',
      'platform: "onnxruntime_onnx" max_batch_size: 1 ensemble_scheduling { step [ ] }',
      [
        '1:68: ensemble_scheduling: only an ensemble has steps; write platform: "ensemble"',
        '1:68: ensemble_scheduling.step: is empty; write at least one step',
      ],
    ],
    [
      'a decoupled model that keeps its answers, or one with sequences',
      'model_transaction_policy { decoupled: true } response_cache { enable: true } sequence_batching { direct { } }',
      [
        '1:71: response_cache.enable: answers of decoupled models cannot be kept; write false',
        '1:71: response_cache.enable: answers of sequences cannot be kept; write false',
      ],
    ],
    [
      'vLLM, which batches in flight',
      'max_batch_size: 8 dynamic_batching { } backend: "vllm"',
      ['1:49: backend: vLLM forms batches in an engine of its own; write engine beside config in a scenario'],
    ],
    [
      'TensorRT-LLM',
      'backend: "tensorrtllm"',
      [
        '1:10: backend: TensorRT-LLM forms batches in an engine of its own; write engine beside config in a scenario',
      ],
    ],
    [
      'TensorRT-LLM in a Python model',
      'backend: "python" parameters { key: "gpt_model_type" value { string_value: "inflight_fused_batching" } }',
      [
        '1:60: parameters.gpt_model_type: TensorRT-LLM forms batches in an engine of its own; write engine beside config in a scenario',
      ],
    ],
    [
      'FasterTransformer, whose executions last as long as the texts that they generate',
      'backend: "fastertransformer"',
      [
        '1:10: backend: executions of fastertransformer, as long as the texts that they generate, are not simulated yet; leave the model out; without this backend it is simulated as if Triton formed its batches',
      ],
    ],
    ['a mistake of syntax', 'max_batch_size 8', ['1:16: expected ":" or "{" after max_batch_size, found 8']],
  ];

  it.each(mistakes)('is refused for %s', (_, text, expected) => {
    const { config: refused, problems } = read(text);
    expect(problems).toEqual(expected.map((line) => `config.pbtxt:${line}`));
    expect(refused).toBeUndefined();
  });

  it('asks for a device where a group wants a GPU', () => {
    expect(read('instance_group { kind: KIND_GPU }', 0).problems).toEqual([
      'config.pbtxt:1:24: instance_group[0].kind: the server has no device for it; list the GPU under devices, or write KIND_CPU',
    ]);
  });
});
