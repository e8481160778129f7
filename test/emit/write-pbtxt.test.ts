import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemList } from '../../src/base/problem.js';
import { writePbtxt } from '../../src/emit/write-pbtxt.js';
import { MODEL_CONFIG } from '../../src/scenario/triton/fields.js';
import { readModelConfigText } from '../../src/scenario/triton/model-config-text.js';
import { anyValue } from '../support/any-fields.js';

function read(text: string): unknown {
  const problems = new ProblemList();
  const source = readModelConfigText(text, 'config.pbtxt', problems);
  expect(problems.problems).toEqual([]);
  return source!.fields;
}

describe('a written config.pbtxt', () => {
  it('is read back to the same fields, whatever they are', () => {
    fc.assert(
      fc.property(anyValue(MODEL_CONFIG), (fields) => {
        expect(read(writePbtxt(MODEL_CONFIG, fields as object))).toEqual(fields);
      }),
      { numRuns: 150 },
    );
  });

  it('looks as people write it', () => {
    const fields = {
      name: 'resnet',
      max_batch_size: 8,
      instance_group: [{ kind: 'KIND_GPU', count: 2, gpus: [0, 1] }],
      dynamic_batching: {
        preferred_batch_size: [4, 8],
        priority_queue_policy: new Map([[1, { max_queue_size: 3 }]]),
      },
      parameters: new Map([['threads', { string_value: 'say "2"\n' }]]),
      version_policy: { all: {} },
    };
    expect(writePbtxt(MODEL_CONFIG, fields)).toBe(
      [
        'name: "resnet"',
        'version_policy {',
        '  all {}',
        '}',
        'max_batch_size: 8',
        'dynamic_batching {',
        '  preferred_batch_size: [ 4, 8 ]',
        '  priority_queue_policy {',
        '    key: 1',
        '    value {',
        '      max_queue_size: 3',
        '    }',
        '  }',
        '}',
        'instance_group {',
        '  kind: KIND_GPU',
        '  count: 2',
        '  gpus: [ 0, 1 ]',
        '}',
        'parameters {',
        '  key: "threads"',
        '  value {',
        '    string_value: "say \\"2\\"\\012"',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
  });
});
