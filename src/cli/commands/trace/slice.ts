import { command } from '../../command.js';
import { partOf } from '../../duration.js';
import { fileArgument, microseconds, readSource, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

const sliceOptions = {
  start: { type: 'string', default: '0s', describe: 'When the part begins, such as 10m' },
  end: { type: 'string', describe: 'When it ends, such as 15m; default: with the trace' },
  rebase: {
    type: 'boolean',
    default: true,
    describe: 'Let the part begin at time 0; --no-rebase keeps the times',
  },
} as const;

export const sliceCommand = command({
  command: 'slice <file>',
  describe: 'A part of the time of a trace',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .options(sliceOptions)
      .options(writeOptions)
      .example(
        '$0 trace slice traces/nasa-1995-busiest-hour.csv.gz --start 10m --end 15m --out part.csv',
        'five minutes',
      ),
  handler: async (args) => {
    const { sliceTrace } = await import('../../../trace/transform.js');
    const source = await readSource(args, [() => partOf(args)]);
    const { fromS, toS } = partOf(args);
    const isOpen = toS === Infinity;
    const part = sliceTrace(source, {
      fromUs: microseconds(fromS),
      toUs: isOpen ? undefined : microseconds(toS),
      rebase: args.rebase,
    });
    const change = `from ${fromS} s to ${isOpen ? 'the end' : `${toS} s`}`;
    await writeAndTell(args, changed(part, args.file, change));
  },
});
