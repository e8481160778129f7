import { vi } from 'vitest';
import type { CommandModule } from 'yargs';
import { exitCodeOf, printError } from '../../src/cli/errors.js';
import { type Commands, createParser } from '../../src/cli/parser.js';
import { UsageError } from '../../src/cli/usage-mistake.js';

export interface Outcome {
  /** Exit code, as of the process. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was thrown, if anything. */
  readonly error: unknown;
}

/** Runs a command line with one top-level command in this process; spawning Node costs a second. */
export function runCommand(command: CommandModule, words: readonly string[]): Promise<Outcome> {
  return runCommands([command], words);
}

/** The same with several commands, of which the first word names one. */
export async function runCommands(commands: Commands, words: readonly string[]): Promise<Outcome> {
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => stdout.take(`${text}\n`));
  let code = 0;
  let error: unknown;
  try {
    await createParser(words, commands).wrap(null).parseAsync();
  } catch (thrown) {
    error = thrown;
    if (thrown instanceof UsageError) {
      code = 2;
      stderr.take(`perseus: ${thrown.message}\n${thrown.remedy === undefined ? '' : `${thrown.remedy}\n`}`);
    } else {
      code = exitCodeOf(thrown);
      printError(thrown, words);
    }
  } finally {
    for (const spy of [stdout.spy, stderr.spy, log]) spy.mockRestore();
  }
  return { code, stdout: stdout.text(), stderr: stderr.text(), error };
}

function capture(stream: NodeJS.WriteStream) {
  const parts: string[] = [];
  const take = (text: string) => {
    parts.push(text);
  };
  const spy = vi.spyOn(stream, 'write').mockImplementation(((text: string, done?: () => void) => {
    take(text);
    if (typeof done === 'function') done();
    return true;
  }) as typeof stream.write);
  return { take, spy, text: () => parts.join('') };
}

/** What stands on stderr besides progress, which a run that takes long on a busy machine tells there. */
export function withoutProgress(stderr: string): string {
  return stderr.replace(/^run \d+ of \d+: \d+ % simulated\n/gm, '');
}

/** The examples that the help of a command shows, each as its words without `perseus`. */
export function examplesIn(help: string): readonly (readonly string[])[] {
  const [, examples = ''] = help.split('Examples:\n');
  return examples
    .split('\n')
    .filter((line) => line.startsWith('  perseus '))
    .map((line) => shellWords(line.trim().split(/ {2,}/)[0]!).slice(1));
}

/** Words with blanks between them; quotes hold blanks together. */
function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}
