import { hideBin } from 'yargs/helpers';
import { STANDARD_INPUT } from '../base/standard-input.js';
import { endWithReader } from './closed-pipe.js';
import { loadCommands } from './commands/index.js';
import { exitCodeOf, printError } from './errors.js';
import { printResult } from './output.js';
import { createParser } from './parser.js';
import { UsageError } from './usage-mistake.js';

endWithReader();

// People at a command line can do nothing about what Node will change (TLS by IP address makes it warn).
process.noDeprecation = true;

void run();

// No await of the module itself: the bundle cannot hold one.
async function run(): Promise<void> {
  // To yargs a lone dash is an empty word.
  const words = hideBin(process.argv).map((word) => (word === '-' ? STANDARD_INPUT : word));
  try {
    const width = Math.min(100, process.stdout.columns ?? 100);
    if (words.length === 0) await printResult(await (await import('./orientation.js')).orientation('.'));
    else
      await createParser(words, await loadCommands(words))
        .wrap(width)
        .parseAsync();
  } catch (error) {
    if (error instanceof UsageError) {
      const remedy = error.remedy === undefined ? '' : `${error.remedy}\n`;
      process.stderr.write(`perseus: ${error.message}\n${remedy}`);
      process.exitCode = 2;
    } else {
      printError(error, words);
      process.exitCode = exitCodeOf(error);
    }
  }
}
