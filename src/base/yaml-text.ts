import { type Scalar, type ScalarTag, stringify } from 'yaml';
import { printable } from './printable.js';

/**
 * A value as YAML that every reader takes as it is meant: kubectl and PyYAML follow YAML 1.1, to which `off`, `no` and
 * `12:30` are no texts unless they are quoted, and to which U+0085 and U+2028 end a line even within quotes.
 *
 * @param lineWidth where lists and plain texts may break; 0 = nowhere
 */
export function yamlText(value: unknown, lineWidth = 0): string {
  return stringify(value, {
    lineWidth,
    aliasDuplicateObjects: false,
    compat: 'yaml-1.1',
    // The first that knows a value writes it.
    customTags: (tags) => [QUOTED_TEXT, ...tags],
  });
}

/** A text in double quotes, on one line: what is no letter, mark, digit, punctuation, symbol or blank is escaped. */
export function quotedYaml(text: string): string {
  return `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)}"`;
}

/** YAML with a comment of one line at its head, where there is one. */
export function withComment(comment: string | undefined, yaml: string): string {
  return comment === undefined ? yaml : `# ${printable(comment)}\n${yaml}`;
}

/**
 * Words, paths, options and names of images: they begin with a letter and hold no character to which YAML gives a meaning in
 * its place. Of these, the library quotes those that some reader takes for a value of another type.
 */
const PLAIN = /^(?:--|(?:\.{1,2}\/)*\/?)[A-Za-z](?:[\w./=+-]| (?=\w)|:(?=[\w/]))*$/;

/** Every other text. */
const QUOTED_TEXT: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && !PLAIN.test(value),
  resolve: (text) => text,
  stringify: ({ value }: Scalar) => quotedYaml(String(value)),
};

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0)!;
  const hex = (digits: number) => code.toString(16).toUpperCase().padStart(digits, '0');
  if (code > 0xffff) return `\\U${hex(8)}`;
  return SHORT[character] ?? (code > 0xff ? `\\u${hex(4)}` : `\\x${hex(2)}`);
}
