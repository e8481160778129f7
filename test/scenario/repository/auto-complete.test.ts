import { describe, expect, it } from 'vitest';
import { surveyRepository } from '../../../src/scenario/repository/survey.js';

const tensors =
  'input [{ name: "X" data_type: TYPE_FP32 dims: [1] }] output [{ name: "Y" data_type: TYPE_FP32 dims: [1] }]';
const sets = 'c.set_max_batch_size(4)\nc.set_dynamic_batching()';

/** Batches of a model with this configuration and model.py. */
function batchesOf(config: string, python?: string) {
  const files = python === undefined ? ['model.onnx'] : ['model.py'];
  const version = { version: 1, files, ...(python !== undefined && { python }) };
  const { models } = surveyRepository([{ name: 'm', path: 'r/m', config, versions: [version] }]);
  const { config: read, isCompleted, inline } = models[0]!;
  const { maxBatchSize, dynamicBatching } = read;
  if (inline !== undefined) expect(inline.max_batch_size ?? 0).toBe(maxBatchSize);
  return [maxBatchSize, dynamicBatching !== undefined, isCompleted === true];
}

// The real 24.10 answers the same to ModelConfig; of networks, onnxruntime.cc AutoCompleteConfig.
describe('batches beside a config.pbtxt', () => {
  it.each([
    ['are those that auto_complete_config sets', `backend: "python" ${tensors}`, sets, [4, true, false]],
    ['are set also where only the files tell the backend', '', sets, [4, true, false]],
    ['keep a scheduler that is there', 'backend: "python" sequence_batching { }', sets, [4, false, false]],
    ['are as written where model.py sets none', `backend: "python" ${tensors}`, '', [0, false, false]],
    [
      'are guessed where the backend reads the tensors',
      'platform: "onnxruntime_onnx"',
      undefined,
      [4, true, true],
    ],
    ['get a batcher there', 'backend: "onnxruntime" max_batch_size: 8', undefined, [8, true, false]],
    [
      'are as written beside tensors',
      `platform: "onnxruntime_onnx" ${tensors}`,
      undefined,
      [0, false, false],
    ],
    ['are as written of other backends', 'backend: "own"', undefined, [0, false, false]],
  ])('%s', (_, config, python, expected) => {
    expect(batchesOf(config, python)).toEqual(expected);
  });
});

describe('a model.py that sets its transaction policy', () => {
  const modelOf = (config: string | undefined, python: string, name = 'm') =>
    surveyRepository([
      {
        name,
        path: name,
        ...(config !== undefined && { config }),
        versions: [{ version: 1, files: ['model.py'], python }],
      },
    ]).models[0]!;

  it.each([
    'policy = {"decoupled": True}\nc.set_model_transaction_policy(policy)',
    'c.set_model_transaction_policy(dict(decoupled=True))',
  ])('makes it decoupled: %j', (python) => {
    const { config, inline, isCompleted } = modelOf(`backend: "python" ${tensors}`, python);
    expect(config.decoupled).toBe(true);
    expect(inline?.model_transaction_policy).toEqual({ decoupled: true });
    expect(isCompleted).toBeUndefined();
    expect(modelOf(undefined, python).config.decoupled).toBe(true);
  });

  it('makes an engine in it stream', () => {
    const python = 'from vllm import AsyncLLMEngine\nc.set_model_transaction_policy({"decoupled": True})';
    const { config, engine } = modelOf('backend: "python"', python);
    expect([config.decoupled, engine?.name]).toEqual([true, 'vLLM']);
  });

  it.each([
    'c.set_model_transaction_policy(dict(decoupled=bool(args["stream"])))',
    'c.set_max_batch_size(int(args["batch"]))',
  ])('leaves open what only its running code knows: %j', (python) => {
    expect(modelOf('backend: "python"', python)).toMatchObject({ isCompleted: true });
  });

  it.each([
    'c.set_model_transaction_policy(dict(decoupled=False))\nc.set_max_batch_size(0)',
    'if using_decoupled: self.sender = {"decoupled": True}',
  ])('leaves nothing open otherwise: %j', (python) => {
    const { config, isCompleted } = modelOf('backend: "python"', python);
    expect([config.decoupled, isCompleted]).toEqual([undefined, undefined]);
  });
});

// core `model_config_utils.cc` AutoCompleteBackendFields, the last of its cases.
it('a name says the backend behind its first dot where no file does', () => {
  const named = (name: string, config?: string) =>
    surveyRepository([
      { name, path: name, ...(config !== undefined && { config }), versions: [{ version: 1, files: ['m'] }] },
    ]);
  expect(named('gpt2.vllm').models[0]?.engine?.name).toBe('vLLM');
  expect(named('clip.dali', 'max_batch_size: 0').models[0]?.config.backend).toBe('dali');
  expect(named('clip').leftOut.map(({ name }) => name)).toEqual(['clip']);
});
