import { InputError } from '../../src/base/problem.js';
import { LiveError } from '../../src/live/inference-client.js';
import { TritonFailure } from '../triton/failure.js';

/** For people: goes to stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a script to its end; its exit code is the number that `main` gives, if any. What Triton lacks or did, or a live server, is told in a line,
 * with exit code 1, and so is what was wrong on the command line or with a file it names, with 2; all else is a fault of ours.
 */
export async function runScript(main: () => unknown): Promise<void> {
  try {
    const code = await main();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    const stops = error instanceof TritonFailure || error instanceof LiveError;
    if (!stops && !isMistake(error)) throw error;
    process.exitCode = stops ? 1 : 2;
    const { message } = error as Error;
    say(error instanceof LiveError ? `${message}; ${error.remedy}` : message);
  }
}

/** An option that is not known, or a file that cannot be read or written. */
function isMistake(error: unknown): boolean {
  const { code, path } = error as NodeJS.ErrnoException;
  const isOfFile = path !== undefined && code !== undefined;
  return error instanceof InputError || isOfFile || code?.startsWith('ERR_PARSE_ARGS') === true;
}
