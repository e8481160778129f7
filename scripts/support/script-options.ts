import { parseArgs } from 'node:util';
import { InputError } from '../../src/base/problem.js';
import { COUNT, requireNumbers } from '../../src/cli/number-options.js';

/** An option of a script: `takes` is what stands for its value in the help, a switch has none. */
export interface ScriptOption {
  readonly help: string;
  readonly takes?: string;
  readonly default?: string;
  /** Without a value it is the empty text. */
  readonly isValueOptional?: true;
}

export type ScriptOptions = Readonly<Record<string, ScriptOption>>;

export type OptionValues<T extends ScriptOptions> = {
  readonly [Name in keyof T]: T[Name] extends { readonly takes: string }
    ? T[Name] extends { readonly default: string }
      ? string
      : string | undefined
    : boolean;
};

/**
 * What the command line of a script says; `--help` prints what its options are for, and ends the process. What is wrong with it is
 * thrown, for `runScript` to tell.
 */
export function scriptOptions<const T extends ScriptOptions>(
  command: string,
  about: string,
  options: T,
  example?: string,
): OptionValues<T> {
  const all = Object.entries(options) as [string, ScriptOption][];
  const words = all.map(([name, { takes, isValueOptional }]) =>
    takes === undefined ? `--${name}` : `--${name} ${isValueOptional ? `[${takes}]` : takes}`,
  );
  const width = Math.max(...words.map((word) => word.length));
  const lines = all.map(([, { help, default: value }], i) => {
    const text = value === undefined || value === '' ? help : `${help} (${value})`;
    return `  ${words[i]!.padEnd(width)}  ${text.replaceAll('\n', `\n${' '.repeat(width + 4)}`)}\n`;
  });
  const tail = example === undefined ? '' : `example: ${command} -- ${example}\n`;
  const usage = `usage: ${command} -- ${words.map((word) => `[${word}]`).join(' ')}\n${lines.join('')}${about}\n${tail}`;
  const known = all.map(([name, { takes, default: value }]) => [
    name,
    takes === undefined
      ? ({ type: 'boolean', default: false } as const)
      : { type: 'string', ...(value !== undefined && { default: value }) },
  ]);
  const asked = { ...Object.fromEntries(known), help: { type: 'boolean' } };
  const mayLackValue = new Set(
    all.flatMap(([name, { isValueOptional }]) => (isValueOptional ? `--${name}` : [])),
  );
  const args = process.argv
    .slice(2)
    .map((word, i, given) =>
      mayLackValue.has(word) && (given[i + 1] ?? '-').startsWith('-') ? `${word}=` : word,
    );
  const values: Readonly<Record<string, unknown>> = parseArgs({ args, options: asked }).values;
  if (values['help'] === true) {
    process.stdout.write(usage);
    process.exit(0);
  }
  return values as OptionValues<T>;
}

/** The number that an option counts with. @throws InputError where it is none */
export function countOf(name: string, text: string): number {
  const value = Number(text);
  requireNumbers({ [name]: [value, COUNT] });
  return value;
}

/** The word that an option has to be. @throws InputError where it is none of `choices` */
export function wordOf<const T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === text);
  if (found !== undefined) return found;
  throw InputError.of(`"${text}" is not known`, `write one of ${choices.join(', ')}`, { path: `--${name}` });
}

/** What an option asks for by a part of its name. @throws InputError where nothing has the text in its name */
export function namedBy<Thing>(
  { option, text, kind }: { readonly option: string; readonly text: string; readonly kind: string },
  things: readonly Thing[],
  nameOf: (thing: Thing) => string,
): readonly Thing[] {
  const found = things.filter((thing) => nameOf(thing).includes(text));
  if (found.length > 0) return found;
  const remedy = `give a part of ${nameOf(things[0]!)}, for example`;
  throw InputError.of(`no ${kind} is called "${text}"`, remedy, { path: `--${option}` });
}
