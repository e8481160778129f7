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
import {
  addClean,
  addPerfAnalyzer,
  addRepository,
  addSetup,
  perfAnalyzer,
} from './triton/commands/installation.js';
import { addStatus, addStop } from './triton/commands/servers.js';
import { addStart } from './triton/commands/start.js';
import { TritonFailure } from './triton/failure.js';

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

const COMMANDS = [addStart, addSetup, addStatus, addStop, addRepository, addPerfAnalyzer, addClean];

function parser(words: readonly string[]) {
  const plain = yargs([...words])
    .scriptName('npm run triton --')
    .usage('$0 <command>\n\nA real Triton on this machine: no GPU, no Docker.');
  return COMMANDS.reduce((all, add) => add(all), plain)
    .parserConfiguration({ 'populate--': true })
    .strict()
    .version(false)
    .help()
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? Object.assign(new Error(`${message}; --help lists what there is`), { name: 'YError' });
    });
}

endWithReader();
process.exitCode = await main(process.argv.slice(2));
