import { between, chance, pick, pickWeighted, type Random, type Weighted } from './choose.js';
import { noisyNesting, noisyNumber, noisyString, randomCharacters } from './noise.js';

/** A kind of text: valid samples of it, and words that mean something in it. */
export interface Language {
  readonly samples: readonly string[];
  readonly words: readonly string[];
}

/** A text of the language after some mistakes; now and then an untouched one, or no such text at all. */
export function mistakenText(random: Random, language: Language): string {
  return pickWeighted(random, [
    [84, () => mutateText(random, pick(random, language.samples), language)],
    [6, () => wordSoup(random, language)],
    [6, () => randomCharacters(random, random.nextInt(200))],
    [4, () => pick(random, language.samples)],
  ])();
}

/** The text with some changes to its tokens and lines, mostly one, and perhaps one to it as a whole. */
function mutateText(random: Random, text: string, language: Language): string {
  const tokens = tokensOf(text);
  for (let left = fewChanges(random); left > 0 && tokens.length > 0; left--) {
    pickWeighted(random, TOKEN_CHANGES)(tokens, random, language);
  }
  const changed = tokens.join('');
  return chance(random, 0.15) ? pickWeighted(random, TEXT_CHANGES)(changed, random) : changed;
}

/** The text with one to six of its numbers changed, most of them to numbers that may be right as well. */
export function changeNumbers(random: Random, text: string): string {
  const tokens = tokensOf(text);
  for (let left = fewChanges(random); left > 0; left--) {
    replaceToken(tokens, random, isNumber, otherNumber(random));
  }
  return tokens.join('');
}

function otherNumber(random: Random): string {
  return pickWeighted(random, [
    [3, () => String(random.nextInt(20))],
    [2, () => String(random.nextInt(10 ** between(random, 1, 6)))],
    [1, () => String(random.next() * 10 ** between(random, -3, 4))],
    [1, () => pick(random, ['0', '1', '1000', '1000000', '86400000'])],
    [0.5, () => noisyNumber(random)],
  ])();
}

/** How many changes an input gets: one mistake must be found alone, and several together. */
export function fewChanges(random: Random): number {
  return pick(random, [1, 1, 1, 2, 3, 6]);
}

/** Words, numbers, quoted texts, blanks, and every other character by itself. */
const TOKEN = /[A-Za-z_$][\w$-]*|[+-]?\d[\w.+-]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[ \t]+|\r?\n|[\s\S]/gu;

function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

function wordSoup(random: Random, { samples, words }: Language): string {
  const tokens = tokensOf(pick(random, samples));
  const separator = pick(random, ['', ' ', ' ', '\n', ',']);
  const word = () => (chance(random, 0.7) && tokens.length > 0 ? pick(random, tokens) : pick(random, words));
  return Array.from({ length: between(random, 1, 40) }, word).join(separator);
}

type TokenChange = (tokens: string[], random: Random, language: Language) => void;

const TOKEN_CHANGES: readonly Weighted<TokenChange>[] = [
  [3, (tokens, random) => tokens.splice(random.nextInt(tokens.length), between(random, 1, 3))],
  [3, duplicateTokens],
  [3, swapTokens],
  [8, (tokens, random) => replaceToken(tokens, random, isNumber, noisyNumber(random))],
  [8, (tokens, random) => replaceToken(tokens, random, isNumber, String(random.nextInt(20)))],
  [4, (tokens, random) => replaceToken(tokens, random, isWord, noisyString(random))],
  [4, (tokens, random, { words }) => replaceToken(tokens, random, isWord, pick(random, words))],
  [3, (tokens, random, { words }) => insertToken(tokens, random, pick(random, words))],
  [2, (tokens, random) => insertToken(tokens, random, noisyString(random))],
  [2, (tokens, random) => insertToken(tokens, random, noisyNumber(random))],
  [1, (tokens, random) => insertToken(tokens, random, noisyNesting(random))],
  [2, (tokens, random, { samples }) => spliceFrom(tokens, random, tokensOf(pick(random, samples)))],
  [3, changeLines],
  [2, quoteOrUnquote],
  [1, (tokens, random) => tokens.splice(random.nextInt(tokens.length))],
];

function isNumber(token: string): boolean {
  return /^[+-]?\d/.test(token);
}

function isWord(token: string): boolean {
  return /^[\w"']/.test(token);
}

function replaceToken(
  tokens: string[],
  random: Random,
  isOfKind: (token: string) => boolean,
  replacement: string,
): void {
  const start = random.nextInt(tokens.length);
  for (let i = 0; i < tokens.length; i++) {
    const at = (start + i) % tokens.length;
    if (!isOfKind(tokens[at]!)) continue;
    tokens[at] = replacement;
    return;
  }
}

function insertToken(tokens: string[], random: Random, token: string): void {
  tokens.splice(random.nextInt(tokens.length + 1), 0, token);
}

function duplicateTokens(tokens: string[], random: Random): void {
  const at = random.nextInt(tokens.length);
  const piece = tokens.slice(at, at + between(random, 1, 12));
  const copies = chance(random, 0.05) ? 300 : 1;
  for (let i = 0; i < copies; i++) tokens.splice(at, 0, ...piece);
}

function swapTokens(tokens: string[], random: Random): void {
  const [a, b] = [random.nextInt(tokens.length), random.nextInt(tokens.length)];
  [tokens[a], tokens[b]] = [tokens[b]!, tokens[a]!];
}

/** Puts some tokens of another text in the place of some of these. */
function spliceFrom(tokens: string[], random: Random, others: readonly string[]): void {
  const from = random.nextInt(others.length + 1);
  const piece = others.slice(from, from + between(random, 1, 20));
  tokens.splice(random.nextInt(tokens.length), between(random, 0, 20), ...piece);
}

/** Takes a line out, doubles it, or moves it; lines carry meaning in tables and in YAML. */
function changeLines(tokens: string[], random: Random): void {
  const lines = tokens.join('').split('\n');
  const at = random.nextInt(lines.length);
  const [line] = lines.splice(at, 1) as [string];
  const change = random.nextInt(4);
  if (change === 1) lines.splice(at, 0, line, line);
  if (change === 2) lines.splice(random.nextInt(lines.length + 1), 0, line);
  if (change === 3) lines.splice(at, 0, pick(random, [' ', '  ', '\t', '- ']) + line);
  tokens.splice(0, tokens.length, ...tokensOf(lines.join('\n')));
}

function quoteOrUnquote(tokens: string[], random: Random): void {
  const at = random.nextInt(tokens.length);
  const token = tokens[at]!;
  tokens[at] = /^".*"$/s.test(token) ? token.slice(1, -1) : JSON.stringify(token);
}

type TextChange = (text: string, random: Random) => string;

const TEXT_CHANGES: readonly Weighted<TextChange>[] = [
  [2, (text) => text.replaceAll('\n', '\r\n')],
  [1, (text) => text.replaceAll('\n', '\r')],
  [2, (text) => `\ufeff${text}`],
  [1, (text, random) => insertAt(text, random, '\u0000')],
  [1, (text, random) => insertAt(text, random, '\ufeff')],
  [2, (text, random) => text.slice(0, random.nextInt(text.length + 1))],
  [1, (text, random) => text.slice(random.nextInt(text.length + 1))],
  [1, (text) => text + text],
  [1, (text, random) => insertAt(text, random, noisyNesting(random))],
  [1, (text, random) => insertAt(text, random, randomCharacters(random, between(random, 1, 30)))],
];

function insertAt(text: string, random: Random, piece: string): string {
  const at = random.nextInt(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at);
}
