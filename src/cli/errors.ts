import { plural } from '../base/plural.js';
import { formatProblem, InputError, LateInputError } from '../base/problem.js';
import { LiveError } from '../live/inference-client.js';
import { asMemoryError, MemoryError } from '../node/memory/memory-error.js';
import { optionWords } from './check-values.js';

const BAD_INPUT = 2;

/**
 * Prints an error for people: every problem of an input on a line, no stack.
 * @param words the command line, by which files were to be written or not
 */
export function printError(thrown: unknown, words: readonly string[] = []): void {
  const error = asMemoryError(thrown);
  if (error instanceof InputError) {
    for (const problem of error.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    const count = error.problems.length;
    const nothing = asksForFiles(words) ? '; nothing was written' : '';
    const written = error instanceof LateInputError ? '; what was done is kept' : nothing;
    process.stderr.write(`perseus: ${count === 1 ? 'one' : count} ${plural(count, 'problem')}${written}\n`);
    return;
  }
  if (error instanceof LiveError || error instanceof MemoryError) {
    process.stderr.write(`perseus: ${error.message}; ${error.remedy}\n`);
    return;
  }
  const failure = error as NodeJS.ErrnoException;
  if (failure.code !== undefined && failure.syscall !== undefined) {
    process.stderr.write(`perseus: ${failure.path ?? failure.syscall}: ${reasonOf(failure.code)}\n`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`perseus: this is a bug, please report it with the command you ran\n${text}\n`);
}

/** 2 for a mistake in the input, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  return error instanceof InputError ? BAD_INPUT : 1;
}

function reasonOf(code: string): string {
  return REASONS[code] ?? code;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied; write elsewhere, or ask for the right to',
  ENOSPC: 'no space is left on the disk; make room there, or write elsewhere, and run the command again',
  EDQUOT: 'your share of the disk is used up; make room there, or write elsewhere, and run the command again',
  EFBIG: 'it would be larger than a file may be here; raise the limit (ulimit -f), or write elsewhere',
  EISDIR: 'this is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already; name another place',
  ENAMETOOLONG: 'a name in it is longer than the file system takes; write a shorter one',
  EROFS: 'the file system is read-only; write elsewhere',
};

/** Commands, and commands of `trace` and `profile`, that print, and write files only where an option names them. */
const PRINTING = [
  'simulate',
  'explain',
  'compare',
  'diff',
  'check',
  'plan',
  'tune',
  'describe',
  'show',
  'drift',
];

const FILE_OPTION = /^--(?:out|html|log|junit|emit)(?:=|$)/;

/** Whether a command line would have written files: only then it is worth saying that it did not. */
function asksForFiles(words: readonly string[]): boolean {
  const options = optionWords(words);
  return (
    !options.slice(0, 2).some((word) => PRINTING.includes(word)) ||
    options.some((word) => FILE_OPTION.test(word))
  );
}
