import type { Argv } from 'yargs';
import { closest } from '../base/closest.js';
import { optionWords } from './check-values.js';

export class UsageError extends Error {
  /** Where help is to be had. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** What yargs knows of the command that it was reading, which its types do not tell. */
interface Reader {
  getOptions(): { readonly key: Readonly<Record<string, unknown>> };
  getInternalMethods(): {
    /** The second list has commands with their arguments, such as `simulate <scenario>`. */
    getContext(): { readonly commands: readonly string[]; readonly fullCommands: readonly string[] };
    getCommandInstance(): { getCommands(): readonly string[] };
  };
}

/** A mistake that yargs found, in words of our own: which word it is, and what may have been meant. */
export function usageMistake(message: string, parser: Argv, words: readonly string[]): UsageError {
  const reader = parser as unknown as Reader;
  const { commands, fullCommands } = reader.getInternalMethods().getContext();
  const command = ['perseus', ...commands].join(' ');
  const remedy =
    commands.length === 0
      ? `${command} --help lists the commands.`
      : `${command} --help lists what it takes.`;
  const [, unknown] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (unknown !== undefined) {
    return new UsageError(unknownWords(unknown.split(', '), reader, words), remedy);
  }
  // yargs looks for what is missing first, and tells that alone.
  const mistyped = unknownOptions(reader, words);
  const [, given] = /^Not enough non-option arguments: got (\d+)/.exec(message) ?? [];
  if (given !== undefined) {
    const needed = (fullCommands.at(-1) ?? '').match(/<[^>]+>/g) ?? [];
    const missing = needed.slice(Number(given)).map((name) => name.replace('..', ''));
    const needs = `${command} needs ${missing.join(' and ') || MORE[command] || 'more than that'}`;
    return new UsageError([needs, ...mistyped].join('; '), remedy);
  }
  const [, options] = /^Missing required arguments?: (.*)$/s.exec(message) ?? [];
  if (options !== undefined) {
    const names = options.split(', ').map((name) => `--${name}`);
    return new UsageError([`${command} needs ${names.join(' and ')}`, ...mistyped].join('; '), remedy);
  }
  const outside = [...message.matchAll(/^ *Argument: (.+), Given: (.*), Choices: (.+)$/gm)];
  if (outside.length > 0) {
    const values = outside.map(([, name, given, choices]) => `--${name}: ${given} is none of ${choices}`);
    return new UsageError([...values, ...mistyped].join('; '), remedy);
  }
  if (!message.includes('--help')) return new UsageError(message, remedy);
  return mistyped.length > 0 ? new UsageError(mistyped.join('; '), remedy) : new UsageError(message);
}

function unknownWords(names: readonly string[], reader: Reader, words: readonly string[]): string {
  const known = reader.getInternalMethods().getCommandInstance().getCommands();
  const command = names.find((name) => known.length > 0 && optionOf(name, words) === undefined);
  // All else belongs to the command that nobody knows.
  if (command !== undefined) return `there is no command ${command}${orMeant(closest(command, known))}`;
  const mistakes = names.map((name) => {
    const option = optionOf(name, words);
    if (option !== undefined) return noSuchOption(option, name, reader);
    return mayBeSecret(words) ? WORD_AFTER_HEADER : `"${name}" is one word too many`;
  });
  return [...new Set(mistakes)].join('; ');
}

/** A header without its quotes falls into several words, and the last of them is the secret. */
function mayBeSecret(words: readonly string[]): boolean {
  return optionWords(words).some((word) => /^(?:--header|-H)/.test(word));
}

const WORD_AFTER_HEADER = 'there are words too many; write each --header in quotes';

/** What is wrong with each option among the words that the command does not have. */
function unknownOptions(reader: Reader, words: readonly string[]): string[] {
  const known = optionsOf(reader);
  return optionWords(words).flatMap((word) => {
    const [, name] = OPTION.exec(word) ?? [];
    if (name === undefined || known.includes(name)) return [];
    return [noSuchOption(withoutValue(word), name, reader)];
  });
}

const OPTION = /^--(?:no-)?([^=]+)/;

function withoutValue(word: string): string {
  return word.replace(/[=:].*/s, '');
}

function optionsOf(reader: Reader): string[] {
  return Object.keys(reader.getOptions().key).filter((key) => key.length > 1);
}

function noSuchOption(written: string, name: string, reader: Reader): string {
  const meant = closest(name, optionsOf(reader));
  return `there is no option ${written}${orMeant(meant && `--${meant}`)}`;
}

function orMeant(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** An option as it is written; undefined for other words. */
function optionOf(name: string, words: readonly string[]): string | undefined {
  const letter = /^[^-]$/.test(name) && words.some((word) => /^-[^-]/.test(word) && word.includes(name));
  if (letter) return `-${name}`;
  const written = words.find((word) => OPTION.exec(word)?.[1] === name);
  return written === undefined ? undefined : withoutValue(written);
}

/** What commands need that have others below them. */
const MORE: Readonly<Record<string, string>> = {
  'perseus sweep': '<file>',
  'perseus trace': 'a command, such as describe',
  'perseus profile': 'a command, such as show',
};
