import { TritonFailure } from '../triton/failure.js';

/** For people: goes to stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs a script to its end; what Triton lacks or did is told in a line, with exit code 1, all else is a fault of ours. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof TritonFailure)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
