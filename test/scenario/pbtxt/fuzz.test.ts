import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, ProblemList } from '../../../src/base/problem.js';
import { parsePbtxt } from '../../../src/scenario/pbtxt/parser.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import { cases } from '../../support/cases.js';
import { CONFIGS } from '../triton/configs.js';

const NOISE = [
  '{',
  '}',
  '[',
  ']',
  '<',
  '>',
  ':',
  ',',
  ';',
  '-',
  '"',
  "'",
  '\\',
  '#',
  '\n',
  '0',
  '1e999',
  '-1',
];
const WORDS = [
  'max_batch_size',
  'dynamic_batching',
  'KIND_CPU',
  'inf',
  '99999999999999999999',
  'key',
  '__proto__',
];

/** A valid text with a few random changes: pieces taken out, doubled, moved, or replaced by noise. */
function mutated(texts: readonly string[], noise: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(20),
    put: fc.oneof(fc.constantFrom(...noise), fc.string({ maxLength: 4 }), fc.constant('')),
    double: fc.boolean(),
  });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([text, edits]) =>
      edits.reduce((current, { at, length, put, double }) => {
        const start = Math.floor(at * current.length);
        const piece = current.slice(start, start + length);
        return current.slice(0, start) + put + (double ? piece + piece : '') + current.slice(start + length);
      }, text),
    );
}

/** Reads a text as far as it goes; whatever is wrong must be an InputError with a place. */
function survives(text: string): void {
  const problems = new ProblemList();
  const source = readModelConfigText(text, 'config.pbtxt', problems);
  const config = source && interpretModelConfig(source, { name: 'resnet50', devices: 2 }, problems);
  expect(config === undefined).toBe(problems.problems.length > 0);
  for (const problem of problems.problems) {
    expect(problem.line).toBeGreaterThan(0);
    expect(problem.column).toBeGreaterThan(0);
    expect(problem.what).not.toBe('');
  }
}

describe('the reader of config.pbtxt', () => {
  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 80 })),
        (text) => {
          try {
            parsePbtxt(text);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: cases(3000) },
    );
  });

  it('survives any order of tokens', () => {
    const tokens = fc.array(fc.constantFrom(...NOISE, ...WORDS, ' '), { maxLength: 40 });
    fc.assert(
      fc.property(tokens, (list) => survives(list.join(' '))),
      { numRuns: cases(3000) },
    );
  });

  it('survives configurations with random changes', () => {
    fc.assert(fc.property(mutated(Object.values(CONFIGS), [...NOISE, ...WORDS]), survives), {
      numRuns: cases(4000),
    });
  });

  it('repeats the input in a problem only in part', () => {
    for (const text of [
      `${'9'.repeat(5000)}x`,
      `a: ${'1'.repeat(5000)}.x`,
      `${'b'.repeat(5000)} 1`,
      `"${'c'.repeat(5000)}"`,
    ]) {
      expect(() => parsePbtxt(text)).toThrow(/^.{1,200}$/);
    }
  });
});
