import { expect, it } from 'vitest';
import { surveyRepository } from '../../../src/scenario/repository/survey.js';

const version = (number: number) => ({ version: number, files: ['model.onnx'] });
const tensors =
  'input [{ name: "X" data_type: TYPE_FP32 dims: [1] }] output [{ name: "Y" data_type: TYPE_FP32 dims: [1] }]';

/** What is told of a network of these versions, and of an ensemble whose step asks for one of them. */
function remarksOf(versions: readonly number[], policy: string, asked: number) {
  const step = `{ model_name: "net" model_version: ${asked} input_map { key: "X" value: "X" } output_map { key: "Y" value: "Y" } }`;
  const { models } = surveyRepository([
    {
      name: 'both',
      path: 'r/both',
      config: `platform: "ensemble" ${tensors} ensemble_scheduling { step [${step}] }`,
      versions: [{ version: 1, files: [] }],
    },
    {
      name: 'net',
      path: 'r/net',
      config: `platform: "onnxruntime_onnx" ${tensors} ${policy}`,
      versions: versions.map(version),
    },
  ]);
  return models.map(({ remarks }) => remarks);
}

it('a step that asks for a version which Triton does not serve is told', () => {
  expect(remarksOf([3, 4], '', 3)).toEqual([
    ['Triton does not load it: its step asks for version 3 of "net", which serves 4'],
    [],
  ]);
  expect(remarksOf([3, 4], '', -1)).toEqual([[], []]);
  expect(remarksOf([3, 4], '', 4)).toEqual([[], []]);
  expect(remarksOf([3, 4], 'version_policy { specific { versions: [3] } }', 3)).toEqual([[], []]);
});

it('of a model of which several versions are served it is told that one is simulated', () => {
  const several = (versions: string) => [
    `its versions ${versions} have instances and memory of their own: one version is simulated`,
  ];
  expect(remarksOf([2, 9, 10], 'version_policy { all {} }', 2)[1]).toEqual(several('2, 9, 10'));
  expect(remarksOf([2, 9, 10], 'version_policy { latest { num_versions: 2 } }', 10)[1]).toEqual(
    several('9, 10'),
  );
});
