import { chmod, writeFile } from 'node:fs/promises';
import { shellWord } from '../../src/base/shell-word.js';

export interface CommandFile {
  /** Set before it runs. */
  readonly environment: Readonly<Record<string, string>>;
  /** The program and its first words. */
  readonly before: readonly string[];
  /** Words after those that it is called with. */
  readonly after?: readonly string[];
}

/** Writes an executable file that runs a program in its environment: for tools that take only a path. */
export async function writeCommandFile(
  file: string,
  { environment, before, after = [] }: CommandFile,
): Promise<void> {
  const variables = Object.entries(environment).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  const words = [...before.map(shellWord), '"$@"', ...after.map(shellWord)];
  await writeFile(file, ['#!/bin/sh', ...variables, `exec ${words.join(' ')}`, ''].join('\n'));
  await chmod(file, 0o755);
}
