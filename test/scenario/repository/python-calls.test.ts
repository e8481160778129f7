import { describe, expect, it } from 'vitest';
import { pythonCalls, pythonEngine } from '../../../src/scenario/repository/python-calls.js';
import { surveyRepository } from '../../../src/scenario/repository/survey.js';

const request = (args: string, then = '.exec()') => `r = pb_utils.InferenceRequest(${args})${then}\n`;

describe('calls in a model.py', () => {
  it('are none without a call of InferenceRequest', () => {
    expect(pythonCalls('# pb_utils.InferenceRequest(model_name="b")\n')).toBeUndefined();
    expect(pythonCalls('"""requests: a list of pb_utils.InferenceRequest"""')).toBeUndefined();
  });

  it.each([
    ['in either quotes', request(`model_name='b', inputs=[f(x)]`)],
    [
      'behind other arguments, on lines of their own',
      request('\n  inputs=[a(1, (2))],\n  model_name="b",\n'),
    ],
    ['by a constant', `NAME = "b"\n${request('inputs=[], model_name=NAME')}`],
    ['by a field of the object', `    self.next: str = 'b'  # the next\n${request('model_name=self.next')}`],
    [
      'by a parameter that has a default',
      `def __init__(self, on: bool = True, next: str = "b"):\n${request('model_name=self.next')}`,
    ],
    ['by a field of the class', `class A:\n    next = 'b'\n${request('model_name=self.next')}`],
  ])('name the model %s', (_, code) => {
    expect(pythonCalls(code)).toMatchObject({ models: ['b'], hasUnknown: false, gathered: [] });
  });

  it.each([
    ['a parameter', request('model_name=self.next')],
    ['a text made while it runs', request('model_name=f"b{i}"')],
    ['one of two texts', `N = "a"\nif x:\n  N = "b"\n${request('model_name=N')}`],
    ['nothing before the call ends', `${request('inputs=[]')}other(model_name="b")`],
  ])('do not tell the model by %s', (_, code) => {
    expect(pythonCalls(code)).toMatchObject({ models: [], hasUnknown: true, gathered: [] });
  });

  it('name every model of a loop over texts, and run them side by side where they are gathered', () => {
    const loop = `for name in ["b", 'c',\n]:\n  waits.append(${request('model_name=name', '.async_exec()').trim()})\n`;
    expect(pythonCalls(`${loop}await asyncio.gather(*waits)`)).toMatchObject({
      models: ['b', 'c'],
      hasUnknown: false,
      gathered: ['b', 'c'],
    });
    expect(pythonCalls(`for name in ["b"]: pass\n${loop}`)?.hasUnknown).toBe(true);
  });

  it.each([
    ['its text', `self._next = parameters["next_model"]["string_value"]`],
    ['its key, on a line of its own', `self._next = parameters.get(\n  "next_model", {})["string_value"]`],
    ['its key, whatever text was there before', `self._next = "c"\nself._next = read(config, "next_model")`],
  ])('name the model that a parameter of the configuration says, by %s', (_, code) => {
    const call = request('model_name=self._next');
    const parameters = new Map([['next_model', 'b']]);
    expect(pythonCalls(`${code}\n${call}`, parameters)).toMatchObject({ models: ['b'], hasUnknown: false });
    const asked = `self._next = 1\nif "next_model" in parameters: pass\n${call}`;
    expect(pythonCalls(asked, parameters)?.models).toEqual([]);
  });

  it('run side by side where they are gathered, and one after the other where each is awaited', () => {
    const code = [
      `a = await pb_utils.InferenceRequest(model_name="a").async_exec()`,
      `b = pb_utils.InferenceRequest(model_name="b")`,
      `c = pb_utils.InferenceRequest(model_name="c")`,
      'await asyncio.gather(b.async_exec(), c.async_exec())',
    ].join('\n');
    expect(pythonCalls(code)).toMatchObject({
      models: ['a', 'b', 'c'],
      hasUnknown: false,
      gathered: ['b', 'c'],
    });
  });

  it('run one after the other where a variable of each is executed or awaited, whatever else is gathered', () => {
    const code = [
      'first = pb_utils.InferenceRequest(',
      '    model_name="a",',
      ')',
      'answer = first.exec()',
      'second = pb_utils.InferenceRequest(model_name="b")',
      'answer = await second.async_exec()',
      'waits = []',
      'third = pb_utils.InferenceRequest(model_name="c")',
      'waits.append(third.async_exec())',
      'await asyncio.gather(*waits)',
    ].join('\n');
    expect(pythonCalls(code)?.gathered).toEqual(['c']);
  });

  it('are found soon in a file of blanks and brackets', () => {
    const code = `${'\n'.repeat(200_000)}${'('.repeat(200_000)}${request('model_name="b"').repeat(2000)}`;
    expect(pythonCalls(code)?.models).toEqual(['b']);
  });
});

it('engines that batch in flight are known by their classes', () => {
  expect(pythonEngine('from vllm import AsyncLLMEngine')).toBe('vLLM');
  expect(pythonEngine('import sglang as sgl')).toBe('SGLang');
  expect(pythonEngine('from tensorrt_llm import LLM, SamplingParams')).toBe('TensorRT-LLM');
  expect(pythonEngine('from tensorrt_llm.llmapi import LLM')).toBe('TensorRT-LLM');
  expect(pythonEngine('from tensorrt_llm.runtime import Session')).toBeUndefined();
  expect(pythonEngine('import torch')).toBeUndefined();
});

it('a model that goes on with requests after its execute has returned overlaps them', () => {
  const surveyed = (config: string, python: string) => {
    const { models } = surveyRepository([
      {
        name: 'm',
        path: 'm',
        config: `backend: "python" ${config}`,
        versions: [{ version: 1, files: [], python }],
      },
      { name: 'b', path: 'b', config: 'backend: "python"', versions: [{ version: 1, files: [] }] },
    ]);
    return models.find(({ name }) => name === 'm')!;
  };
  const areOverlapping = (config: string, python: string) => surveyed(config, python).calls!.isOverlapping;
  const decoupled = 'model_transaction_policy { decoupled: true }';
  const code = `async def execute(self, requests):\n${request('model_name="b"')}`;
  expect(areOverlapping(decoupled, code)).toBe(true);
  expect(areOverlapping('', code)).toBe(false);
  const answers = 'sender = request.get_response_sender()\nThread(target=self.answer, args=[sender]).start()';
  const plain = code.replace('async ', '');
  expect(areOverlapping(decoupled, plain)).toBe(false);
  expect(areOverlapping('', `${plain}\n${answers}`)).toBe(true);
  // Without calls there is nothing in a scenario that says so.
  expect(surveyed('', answers).remarks).toEqual([
    expect.stringContaining('threads of its own make its answer'),
  ]);
  expect(surveyed(decoupled, answers).remarks).toEqual([]);
  expect(surveyed('', 'sender = request.get_response_sender()').remarks).toEqual([]);
});
