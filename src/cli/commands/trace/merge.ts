import { command } from '../../command.js';
import { gatherProblems } from '../../gather-problems.js';
import { fileArgument, requirePlace, writeOptions } from './options.js';
import { writeAndTell } from './write.js';

export const mergeCommand = command({
  command: 'merge <files..>',
  describe: 'Several traces as one; tenants of the same name become one tenant',
  builder: (yargs) =>
    yargs
      .positional('files', { ...fileArgument, array: true })
      .option('in-turn', {
        type: 'boolean',
        default: false,
        describe: 'One trace after the other, instead of all at the same time',
      })
      .options(writeOptions)
      .example(
        '$0 trace merge traces/azure-llm-2023.csv.gz traces/nasa-1995-busiest-hour.csv.gz --out all.arrow',
        'three tenants on one clock',
      ),
  handler: async (args) => {
    const { concatTraces, superposeTraces } = await import('../../../trace/transform.js');
    const { readTrace } = await import('../../../node/scenario/trace-files.js');
    const [traces] = await gatherProblems(
      () => gatherProblems(...args.files.map((file) => () => readTrace(file))),
      () => requirePlace(args.out),
    );
    await writeAndTell(args, args['in-turn'] ? concatTraces(traces) : superposeTraces(traces));
  },
});
