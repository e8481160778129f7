import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemList } from '../../src/base/problem.js';
import { writePbtxt } from '../../src/emit/write-pbtxt.js';
import type { Descriptor } from '../../src/scenario/triton/descriptor.js';
import { MODEL_CONFIG } from '../../src/scenario/triton/fields.js';
import { readModelConfigText } from '../../src/scenario/triton/model-config-text.js';

/** Any value that a field of that type may have. */
function anyValue(descriptor: Descriptor): fc.Arbitrary<unknown> {
  switch (descriptor.type) {
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 12 });
    case 'bool':
      return fc.boolean();
    case 'integer': {
      const min = Math.max(Number(descriptor.min), Number.MIN_SAFE_INTEGER);
      const max = Math.min(Number(descriptor.max), Number.MAX_SAFE_INTEGER);
      return fc.oneof(
        fc.integer({ min: Math.max(min, -9), max: 99 }),
        fc.maxSafeInteger().map((n) => clamp(n, min, max)),
      );
    }
    case 'float':
      return fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'enum':
      return fc.constantFrom(...descriptor.names);
    case 'ignored':
      return anyValue(descriptor.of);
    case 'repeated':
      return fc.array(anyValue(descriptor.of), { minLength: 1, maxLength: 3 });
    case 'map':
      return fc
        .uniqueArray(fc.tuple(anyValue(descriptor.key), anyValue(descriptor.of)), {
          maxLength: 3,
          minLength: 1,
          selector: ([key]) => key,
        })
        .map((entries) => new Map(entries));
    case 'message':
      return fc.record(
        Object.fromEntries(
          Object.entries(descriptor.fields)
            .filter(([, field]) => field.type !== 'anything')
            .map(([name, field]) => [name, anyValue(field)]),
        ),
        { requiredKeys: [] },
      );
    case 'anything':
      throw new Error('left out');
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

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
