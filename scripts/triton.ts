/**
 * A real Triton Inference Server on this machine's processor, without GPU and Docker, to try everything with:
 *
 *   npm run triton                        # sets it up when needed, serves the sample models; Ctrl-C stops
 *   npm run triton -- start --detach      # … in the background; stop ends it
 *   npm run triton -- --help              # everything else
 *
 * What it is and where it comes from: triton/README.md.
 */
import yargs from 'yargs/yargs';
import { InputError } from '../src/base/problem.js';
import { endWithReader } from '../src/cli/closed-pipe.js';
import { say } from './support/run-script.js';
import { cleanCommand } from './triton/commands/clean.js';
import { perfAnalyzer, perfAnalyzerCommand } from './triton/commands/perf-analyzer.js';
import { repositoryCommand } from './triton/commands/repository.js';
import { setupCommand } from './triton/commands/setup.js';
import { startCommand } from './triton/commands/start.js';
import { statusCommand } from './triton/commands/status.js';
import { stopCommand } from './triton/commands/stop.js';
import { TritonFailure } from './triton/failure.js';

endWithReader();
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    if (words[0] === 'perf-analyzer') return await perfAnalyzer(words.slice(1));
    await parser(words).parseAsync();
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const expected = error instanceof TritonFailure || error instanceof InputError || error.name === 'YError';
    say(expected ? error.message : (error.stack ?? error.message));
    return error instanceof InputError || error.name === 'YError' ? 2 : 1;
  }
}

function parser(words: readonly string[]) {
  return yargs([...words])
    .scriptName('npm run triton --')
    .usage('$0 <command>\n\nA real Triton on this machine: no GPU, no Docker.')
    .command(startCommand)
    .command(setupCommand)
    .command(statusCommand)
    .command(stopCommand)
    .command(repositoryCommand)
    .command(perfAnalyzerCommand)
    .command(cleanCommand)
    .parserConfiguration({ 'populate--': true })
    .strict()
    .version(false)
    .help()
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? Object.assign(new Error(`${message}; --help lists what there is`), { name: 'YError' });
    });
}
