import type { CommandModule } from 'yargs';
import { say } from '../../support/run-script.js';
import { tritonFolder } from '../folders.js';
import { preparePerfAnalyzer, runPerfAnalyzer } from '../perf-analyzer.js';
import { setUp } from '../set-up.js';
import { type SharedOptions, sharedOptions } from './shared-options.js';

/** Only for the help: its words are perf_analyzer's own and go to {@link perfAnalyzer} unread. */
export const perfAnalyzerCommand: CommandModule<object, SharedOptions> = {
  command: 'perf-analyzer [words..]',
  describe: "Run NVIDIA's perf_analyzer with the words that follow; installs it when needed",
  builder: (yargs) =>
    sharedOptions(yargs).example(
      'npm run triton -- perf-analyzer -m sleep_small --concurrency-range 1:4',
      'against 127.0.0.1:8001 where no -u is given',
    ),
  handler: () => {},
};

export async function perfAnalyzer(words: readonly string[]): Promise<number> {
  const onStep = (step: string) => say(`setup: ${step}`);
  const installation = await setUp({ folder: tritonFolder(), onStep });
  return runPerfAnalyzer(await preparePerfAnalyzer(installation, onStep), words);
}
