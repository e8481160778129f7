import { printError } from './errors.js';

/**
 * Ends this process when its output goes nowhere. A reader that has gone (head, less) is no error of ours, and
 * changes nothing of the exit code where that says what was found; a disk that is full is told. Where nobody reads what is said
 * to people (a terminal that was closed), work goes on to its end: results are to be written, models to be given back.
 */
export function endWithReader(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    printError(error);
    process.exit(1);
  });
}
