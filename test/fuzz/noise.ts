import { pick, pickWeighted, type Random, words } from './choose.js';

/** Numbers at and beyond the edges of what doubles, integers and our own ranges hold, as text. */
const NUMBERS: readonly string[] = [
  '0 -0 1 -1 0.5 -0.5 1e-9 1e308 -1e308 1e-308 5e-324 1e400 -1e400 1e6 3.0000000001',
  'NaN Infinity -Infinity .nan .inf -.inf inf nan',
  '9007199254740991 9007199254740992 9007199254740993 -9007199254740993',
  '255 256 1023 1025 65535 65536 2147483647 2147483648 4294967295 4294967296',
  '9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616',
  '99999999999999999999999999999999999999999999 0x10 0o17 017 1_000 1,5 +1 1. .5 1e --1 ١٢ 𝟏 ½',
].flatMap((line) => words(line));

/** Texts that readers trip over: empty, magic names, characters with a meaning, characters that are not shown. */
const STRINGS = [
  ...['', ' ', '\t', '- ', ': ', '%YAML 1.1'],
  ...words('\u0000 \ufeff \u2028 \u202e \u200b \ud7ff \uffff'),
  ...words(
    'null ~ true false undefined __proto__ constructor toString hasOwnProperty 💥 é e\u0301 中文 .. / \\',
  ),
  ...words(`" ' \` %s {{x}} <b> &amp; # | > *a &a !!js --- ...`),
];

/** Marks that open and close something, for nesting without end. */
const BRACKETS: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['{', '}'],
  ['{"a":', '}'],
  ['- ', ''],
  ['a: {', '}'],
  ['a {', '}'],
  ['<', '>'],
  ['"', '"'],
  ['&a [', ']'],
];

/** A number as text, at an extreme. */
export function noisyNumber(random: Random): string {
  return pick(random, NUMBERS);
}

/** A text that is odd, or long, now and then longer than anything that is read. */
export function noisyString(random: Random): string {
  return pickWeighted(random, [
    [20, () => pick(random, STRINGS)],
    [4, () => randomCharacters(random, 1 + random.nextInt(12))],
    [3, () => pick(random, ['a', 'é', '9', ' ', '"', 'ab,']).repeat(pick(random, [100, 3000]))],
    [0.2, () => 'x'.repeat(pick(random, [70_000, 1_100_000]))],
  ])();
}

/** Opening marks, often more than any reader should follow, closed or not. */
export function noisyNesting(random: Random): string {
  const [open, close] = pick(random, BRACKETS);
  const depth = pickWeighted(random, [
    [5, 3],
    [5, 70],
    [3, 1000],
    [0.5, 20_000],
  ]);
  return open.repeat(depth) + pick(random, ['', '1', '"a"']) + pick(random, ['', close.repeat(depth)]);
}

/** Characters of one alphabet: plain, of a data language, or anything that Unicode has. */
export function randomCharacters(random: Random, length: number): string {
  const draw = pick(random, [
    () => String.fromCharCode(32 + random.nextInt(95)),
    () => pick(random, [...'{}[]<>:,;"\'#-&*!|%@\n\r\t \\0123456789aeE.+_']),
    () => String.fromCharCode(random.nextInt(128)),
    () => wellFormed(random.nextInt(0x110000)),
  ]);
  return Array.from({ length }, draw).join('');
}

function wellFormed(codePoint: number): string {
  return codePoint >= 0xd800 && codePoint < 0xe000 ? '\ufffd' : String.fromCodePoint(codePoint);
}
