import { hideBin } from 'yargs/helpers';
import yargs from 'yargs/yargs';
import { version } from '../node/package-facts.js';
import { checkValues } from './check-values.js';
import { commands } from './commands/index.js';
import { exitCodeOf, printError } from './errors.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe (head, less) has gone: that is no error of ours.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const parser = yargs(hideBin(process.argv))
  .scriptName('perseus')
  .usage('$0 <command>\n\nPredicts throughput, latency, SLO attainment and cost of models on Triton.')
  .command([...commands])
  .demandCommand(1, 'Name a command; perseus --help lists them.')
  .strict()
  .check(checkValues, true)
  .version(version())
  .help()
  .alias('help', 'h')
  .wrap(Math.min(100, process.stdout.columns ?? 100))
  .exitProcess(false)
  .fail((message, error) => {
    // yargs raises some mistakes in the words itself, as errors of its own kind.
    if (error !== undefined && error !== null && error.name !== 'YError') throw error;
    throw new UsageError(message ?? error?.message);
  });

/** What is wrong with the words of a command line. */
class UsageError extends Error {}

try {
  await parser.parseAsync();
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(
      `perseus: ${error.message}\nperseus --help lists the commands, perseus <command> --help its options.\n`,
    );
    process.exitCode = 2;
  } else {
    printError(error);
    process.exitCode = exitCodeOf(error);
  }
}
