import type { InferredOptionTypes } from 'yargs';
import { command } from '../../command.js';
import { durationsOf } from '../../duration.js';
import { fileArgument, microseconds, readSource, type WriteArguments, writeOptions } from './options.js';
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

type SliceArguments = WriteArguments & InferredOptionTypes<typeof sliceOptions> & { readonly file: string };

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
    const source = await readSource(args, [() => timesOf(args)]);
    const { start = 0, end } = timesOf(args);
    const part = sliceTrace(source, {
      fromUs: microseconds(start),
      toUs: end === undefined ? undefined : microseconds(end),
      rebase: args.rebase,
    });
    await writeAndTell(args, changed(part, args.file, partOf(start, end)));
  },
});

const timesOf = ({ start, end }: SliceArguments) => durationsOf({ start, end }, true);

function partOf(startS: number, endS: number | undefined): string {
  return `from ${startS} s to ${endS === undefined ? 'the end' : `${endS} s`}`;
}
