import type { CommandModule } from 'yargs';
import { requireNumbers } from '../../number-options.js';
import { fileArgument, microseconds, readSource, type WriteArguments, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

type SliceArguments = WriteArguments & {
  readonly file: string;
  readonly 'from-s': number;
  readonly 'to-s': number | undefined;
  readonly rebase: boolean;
};

export const sliceCommand: CommandModule<object, SliceArguments> = {
  command: 'slice <file>',
  describe: 'A part of the time of a trace',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .option('from-s', {
        type: 'number',
        default: 0,
        describe: 'First second that is in',
      })
      .option('to-s', {
        type: 'number',
        describe: 'First second that is out; default: the end',
      })
      .option('rebase', {
        type: 'boolean',
        default: true,
        describe: 'Let the part begin at time 0; --no-rebase keeps the times',
      })
      .options(writeOptions)
      .example(
        '$0 trace slice traces/nasa-1995-busiest-hour.csv.gz --from-s 600 --to-s 900 --out part.csv',
        'five minutes',
      ),
  handler: async (args) => {
    const { sliceTrace } = await import('../../../trace/transform.js');
    const part = sliceTrace(
      await readSource(args, [
        () =>
          requireNumbers({ 'from-s': [args['from-s'], { from: 0 }], 'to-s': [args['to-s'], { from: 0 }] }),
      ]),
      {
        fromUs: microseconds(args['from-s']),
        toUs: args['to-s'] === undefined ? undefined : microseconds(args['to-s']),
        rebase: args.rebase,
      },
    );
    await writeAndTell(args, changed(part, args.file, partOf(args)));
  },
};

function partOf({ 'from-s': fromS, 'to-s': toS }: SliceArguments): string {
  return `from ${fromS} s to ${toS === undefined ? 'the end' : `${toS} s`}`;
}
