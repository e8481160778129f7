import type { CommandModule } from 'yargs';
import { burstinessRemarks } from './burstiness.js';
import { fileArgument, seedOf, seedOption, type WriteArguments, writeOptions } from './options.js';
import { writeAndTell } from './write.js';

type ThinArguments = WriteArguments & {
  readonly file: string;
  readonly keep: number;
  readonly seed: string;
};

export const thinCommand: CommandModule<object, ThinArguments> = {
  command: 'thin <file>',
  describe: 'Keep each request with a given probability',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .option('keep', {
        type: 'number',
        demandOption: true,
        requiresArg: true,
        describe: 'Probability with which a request stays, 0 to 1',
      })
      .option('seed', seedOption)
      .options(writeOptions)
      .example('$0 trace thin traces/azure-llm-2023.csv.gz --keep 0.3 --out third.csv', 'about a third'),
  handler: async (args) => {
    const { readTrace } = await import('../../../node/trace-files.js');
    const { RandomStreams } = await import('../../../base/random.js');
    const { thinTrace } = await import('../../../trace/transform.js');
    const before = await readTrace(args.file);
    const after = thinTrace(before, args.keep, new RandomStreams(seedOf(args.seed)).get('trace thin'));
    const method = `each request was kept with probability ${args.keep}: gaps move towards those of a Poisson process`;
    await writeAndTell(args, after, await burstinessRemarks(before, after, method));
  },
};
