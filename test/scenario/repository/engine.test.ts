import { expect, it } from 'vitest';
import { surveyRepository } from '../../../src/scenario/repository/survey.js';

/** The model "m" with this configuration and these files of its version. */
function modelOf(config: string, files: { readonly python?: string; readonly settings?: string } = {}) {
  const version = { version: 1, files: [], ...files };
  return surveyRepository([{ name: 'm', path: 'm', config, versions: [version] }]).models[0]!;
}

const gpus = (ids: string) =>
  `backend: "tensorrtllm" parameters { key: "gpu_device_ids" value { string_value: "${ids}" } }`;

it("Triton's max_batch_size does not limit the sequences of an engine", () => {
  expect(modelOf('backend: "tensorrtllm" max_batch_size: 1').engine).toEqual({ name: 'TensorRT-LLM' });
});

it.each([
  ['the parameter of TensorRT-LLM', gpus('0, 1'), {}],
  ['what vLLM splits it over', 'backend: "vllm"', { settings: '{"tensor_parallel_size": 2}' }],
])('an engine on several GPUs is told to be on one here, by %s', (_, config, files) => {
  expect(modelOf(config, files).remarks).toEqual([
    expect.stringMatching(/^its engine is on 2 GPUs, and here/),
  ]);
});

it('an engine on another GPU than the first is told, with how to put it there', () => {
  expect(modelOf(gpus('3')).remarks).toEqual([expect.stringContaining('{kind: KIND_GPU, gpus: [3]}')]);
  for (const ids of ['0', '']) expect(modelOf(gpus(ids)).remarks.join()).not.toContain('GPU');
});

it('an engine in a model.py that calls others is kept, without its calls', () => {
  const python = 'from vllm import AsyncLLMEngine\npb_utils.InferenceRequest(model_name="vision").exec()\n';
  const { engine, calls, remarks } = modelOf('backend: "python"', { python });
  expect([engine?.name, calls]).toEqual(['vLLM', undefined]);
  expect(remarks).toEqual(['it calls vision, and here it does not: a model has an engine or calls']);
});
