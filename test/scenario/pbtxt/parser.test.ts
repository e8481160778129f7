import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { parsePbtxt } from '../../../src/scenario/pbtxt/parser.js';
import type { TextMessage, TextValue } from '../../../src/scenario/pbtxt/tree.js';

/** A tree as nested pairs, without positions; bare words become symbols to tell them from strings. */
function plain(message: TextMessage): unknown[] {
  return message.fields.map(({ name, value }) => [name, plainValue(value)]);
}

function plainValue(value: TextValue): unknown {
  if (value.kind === 'message') return plain(value);
  if (value.kind === 'integer') return Number(value.value);
  return value.kind === 'identifier' ? `'${value.value}` : value.value;
}

const readings: readonly (readonly [string, string, unknown[]])[] = [
  ['nothing', '', []],
  ['comments alone', '# nothing here\n  # or here', []],
  ['a byte order mark', '\uFEFFcount: 1', [['count', 1]]],
  [
    'a value of each kind',
    'a: 1 b: 1.5 c: "x" d: KIND_GPU e: true',
    [
      ['a', 1],
      ['b', 1.5],
      ['c', 'x'],
      ['d', "'KIND_GPU"],
      ['e', "'true"],
    ],
  ],
  [
    'no blanks at all',
    'a:1 b{c:2}d:3',
    [
      ['a', 1],
      ['b', [['c', 2]]],
      ['d', 3],
    ],
  ],
  [
    'a message with and without a colon',
    'a { x: 1 } a: { x: 2 }',
    [
      ['a', [['x', 1]]],
      ['a', [['x', 2]]],
    ],
  ],
  [
    'a message in angle brackets',
    'a < x: 1 > b: < y < z: 2 > >',
    [
      ['a', [['x', 1]]],
      ['b', [['y', [['z', 2]]]]],
    ],
  ],
  [
    'a list of numbers',
    'dims: [ 3, 224, 224 ]',
    [
      ['dims', 3],
      ['dims', 224],
      ['dims', 224],
    ],
  ],
  ['an empty list', 'dims: [] more: 1', [['more', 1]]],
  [
    'a list of messages',
    'input [ { name: "a" }, { name: "b" } ]',
    [
      ['input', [['name', 'a']]],
      ['input', [['name', 'b']]],
    ],
  ],
  ['a list of messages with a colon', 'input: [ { x: 1 } ]', [['input', [['x', 1]]]]],
  [
    'a repeated key',
    'gpus: 0 gpus: 1',
    [
      ['gpus', 0],
      ['gpus', 1],
    ],
  ],
  [
    'commas and semicolons between fields',
    'a: 1, b: 2; c { d: 3, e: 4; }',
    [
      ['a', 1],
      ['b', 2],
      [
        'c',
        [
          ['d', 3],
          ['e', 4],
        ],
      ],
    ],
  ],
  [
    'hexadecimal and octal numbers',
    'a: 0x1F b: 017 c: 0 d: 0XfF',
    [
      ['a', 31],
      ['b', 15],
      ['c', 0],
      ['d', 255],
    ],
  ],
  [
    'negative numbers, also with a blank',
    'a: -1 b: - 2 c: -0.5',
    [
      ['a', -1],
      ['b', -2],
      ['c', -0.5],
    ],
  ],
  [
    'floats in every spelling',
    'a: 1. b: .5 c: 1e3 d: 2.5E-1 e: 1f f: 1.5F',
    [
      ['a', 1],
      ['b', 0.5],
      ['c', 1000],
      ['d', 0.25],
      ['e', 1],
      ['f', 1.5],
    ],
  ],
  [
    'infinity and not a number',
    'a: inf b: -inf c: -Infinity d: nan',
    [
      ['a', "'inf"],
      ['b', -Infinity],
      ['c', -Infinity],
      ['d', "'nan"],
    ],
  ],
  [
    'single and double quotes',
    `a: 'it"s' b: "it's"`,
    [
      ['a', 'it"s'],
      ['b', "it's"],
    ],
  ],
  ['adjacent strings', `a: "one" 'two'\n  "three"`, [['a', 'onetwothree']]],
  [
    'every escape',
    String.raw`a: "\n\t\r\\\"\'\?\a\b\f\v\x41\101\u0042\U0001F600"`,
    [['a', '\n\t\r\\"\'?\x07\b\f\vAAB😀']],
  ],
  ['bytes that are UTF-8', String.raw`a: "caf\303\251 \xe2\x82\xac"`, [['a', 'café €']]],
  ['bytes that are not UTF-8', String.raw`a: "\377"`, [['a', '\xff']]],
  ['a # inside a string', 'a: "x # y" # z', [['a', 'x # y']]],
  ['comments between all tokens', 'a # 1\n: # 2\n 1 # 3\n', [['a', 1]]],
  ['extension fields, which are left out', '[com.example/a.b]: 1 a: 2 [x.y] { z: 1 }', [['a', 2]]],
  [
    'Windows line ends',
    'a: 1\r\nb {\r\n  c: 2\r\n}\r\n',
    [
      ['a', 1],
      ['b', [['c', 2]]],
    ],
  ],
];

describe('parsePbtxt', () => {
  it.each(readings)('reads %s', (_, text, expected) => {
    expect(plain(parsePbtxt(text))).toEqual(expected);
  });

  it('knows where names and values stand', () => {
    const { fields } = parsePbtxt('a: 1\n  input {\n    dims: [ 3,\n 4 ]\n  }');
    const input = fields[1]!;
    expect(input.position).toEqual({ line: 2, column: 3 });
    expect(input.value.position).toEqual({ line: 2, column: 9 });
    const dims = (input.value as TextMessage).fields;
    expect(dims.map(({ value }) => value.position)).toEqual([
      { line: 3, column: 13 },
      { line: 4, column: 2 },
    ]);
    expect(dims.map(({ listed }) => listed)).toEqual([true, true]);
  });

  it('keeps 64-bit numbers exactly', () => {
    const [field] = parsePbtxt('a: 18446744073709551615').fields;
    expect(field!.value).toMatchObject({ kind: 'integer', value: 18446744073709551615n });
  });

  const mistakes: readonly (readonly [string, string, string])[] = [
    ['a missing colon', 'max_batch_size 8', 'm:1:16: expected ":" or "{" after max_batch_size, found 8'],
    ['a missing value', 'a:\n}', 'm:2:1: expected a value, found }'],
    ['a value cut off by the end', 'a:', 'm:1:3: expected a value, found the end of the file'],
    [
      'an unclosed message',
      'a {\n b: 1\n',
      'm:3:1: expected "}" for the "{" of line 1, column 3, found the end of the file',
    ],
    [
      'a wrong closing bracket',
      'a { b: 1 >',
      'm:1:10: expected "}" for the "{" of line 1, column 3, found >',
    ],
    [
      'an unclosed list',
      'a: [1, 2',
      'm:1:9: expected "]" for the "[" of line 1, column 4, found the end of the file',
    ],
    ['a list without commas', 'a: [1 2]', 'm:1:7: expected "]" for the "[" of line 1, column 4, found 2'],
    [
      'a list of values without a colon',
      'dims [1, 2]',
      'm:1:7: a list of plain values needs a ":" before the "["; write name: [1, 2]',
    ],
    [
      'a list of messages that ends with a comma',
      'step [ { a: 1 }, ]',
      'm:1:18: a list ends with ","; leave out the comma before the "]"',
    ],
    ['one closing bracket too many', 'a: 1 }', 'm:1:6: expected a field name, found }'],
    ['a quoted field name', '"a": 1', 'm:1:1: the field name "a" is quoted; write it without quotes'],
    ['an unclosed string', 'a: "x\nb: 1', 'm:1:4: the string is not closed on its line; end it with "'],
    ['an unknown escape', String.raw`a: "x\q"`, String.raw`m:1:6: \q is no escape; write \\ for a backslash`],
    [
      'a code point that does not exist',
      String.raw`a: "\Uffffffff"`,
      String.raw`m:1:5: \U is no escape; write \\ for a backslash`,
    ],
    ['a number that runs into letters', 'a: 12ab', 'm:1:4: 12a is not a number'],
    [
      'a decimal number with a leading 0',
      'a: 08',
      'm:1:4: 08 starts with 0, which means octal; leave the leading 0 out',
    ],
    ['a minus before a word', 'a: -x', 'm:1:5: expected a number after "-", found x'],
    ['a stray character', 'a: 1 @', 'm:1:6: unexpected character "@"'],
    ['a number without end', `a: ${'9'.repeat(50)}`, 'm:1:4: the number has too many digits'],
    [
      'an extension name without end',
      '[a.b',
      'm:1:5: expected the name of an extension, found the end of the file; write [package.name]',
    ],
  ];

  it.each(mistakes)('places %s', (_, text, expected) => {
    expect(messageOf(() => parsePbtxt(text, 'm'))).toBe(expected);
  });

  it('stops at messages nested too deep instead of overflowing', () => {
    expect(messageOf(() => parsePbtxt('a {'.repeat(100_000)))).toContain('nested more than 100 deep');
    const deepest = `${'a {'.repeat(100)}${'}'.repeat(100)}`;
    expect(parsePbtxt(deepest).fields).toHaveLength(1);
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}
