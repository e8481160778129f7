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
