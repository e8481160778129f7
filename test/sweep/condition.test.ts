import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import type { AxisValue } from '../../src/sweep/axis.js';
import { parseCondition } from '../../src/sweep/condition/condition.js';

const VALUES = new Map<string, AxisValue>([
  ['instances', 2],
  ['batch', 16],
  ['gpu', 'Tesla T4'],
  ['shared', true],
]);

function holds(text: string): boolean {
  return parseCondition(text, [...VALUES.keys()])(VALUES);
}

describe('a condition', () => {
  it.each([
    'instances * batch <= 32',
    "gpu == 'Tesla T4'",
    'gpu == "Tesla T4"',
    "gpu != 'Tesla P4' and batch > 8",
    'batch in [8, 16, 32]',
    "not gpu in ['Tesla P4']",
    'not (batch < 8 or instances == 1)',
    'shared',
    'shared == true',
    '2 + 3 * 4 == 14',
    '(2 + 3) * 4 == 20',
    'batch / instances - -8 == 16',
    'not not shared',
    'false or true and true',
  ])('%s holds', (text) => expect(holds(text)).toBe(true));

  it.each(['instances * batch < 32', "gpu == 'tesla t4'", 'batch in []', 'not shared', '1 == 2 or false'])(
    '%s does not hold',
    (text) => expect(holds(text)).toBe(false),
  );

  it.each([
    ['btch > 2', 'did you mean "batch"?'],
    ['batch >', "ends too early (character 7); write names of axes, numbers, 'words', and or not in"],
    ['batch >  2  3', 'does not go on with "3" (character 13)'],
    ['batch >  ) 3', 'does not go on with ")" (character 10)'],
    ['batch in [1  2]', 'needs a "," (character 14)'],
    ['(batch > 2', 'needs a ")" (character 10)'],
    ['batch >  %2', 'nothing begins with "%2"'],
    ['batch in [1, 2', 'needs a'],
    ['gpu == Tesla', 'there is no axis "Tesla"'],
    ['', 'ends too early'],
    ['batch + 1', 'neither true nor false'],
    ["gpu > 'a' + 1", '"'],
    ['batch and true', '"'],
    [`${'('.repeat(500)}batch`, 'nested too deeply'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => holds(text)).toThrow(InputError);
    expect(() => holds(text)).toThrow(message);
  });

  it('never fails otherwise, whatever is written', () => {
    const word = fc.constantFrom(
      'batch',
      'gpu',
      '1',
      "'a'",
      '(',
      ')',
      '[',
      ']',
      ',',
      '<',
      '==',
      'and',
      'not',
      '-',
      '%',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          try {
            expect(typeof holds(text)).toBe('boolean');
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
    );
  });
});
