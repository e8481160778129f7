import type { CommandModule } from 'yargs';
import { InputError } from '../../../base/problem.js';
import type { Trace } from '../../../trace/trace.js';
import { burstinessRemarks } from './burstiness.js';
import { checkRequestCount } from './limit.js';
import {
  fileArgument,
  microseconds,
  seedOf,
  seedOption,
  type WriteArguments,
  writeOptions,
} from './options.js';
import { writeAndTell } from './write.js';

type ScaleArguments = WriteArguments & {
  readonly file: string;
  readonly rate: number | undefined;
  readonly time: number | undefined;
  readonly 'max-shift-s': number;
  readonly seed: string;
};

export const scaleCommand: CommandModule<object, ScaleArguments> = {
  command: 'scale <file>',
  describe: 'More or fewer requests in the same time, or the same requests faster or slower',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .option('rate', {
        type: 'number',
        requiresArg: true,
        describe: 'Factor on the rate: below 1 thins, above 1 lays copies over the trace',
      })
      .option('time', {
        type: 'number',
        requiresArg: true,
        describe: 'Factor on all times: below 1 faster, above 1 slower; bursts keep their shape',
      })
      .option('max-shift-s', {
        type: 'number',
        requiresArg: true,
        default: 60,
        describe: 'Farthest that --rate moves a copy, in seconds',
      })
      .option('seed', seedOption)
      .options(writeOptions)
      .example('$0 trace scale traces/azure-llm-2023.csv.gz --rate 2 --out double.arrow', 'two copies')
      .example('$0 trace scale traces/azure-llm-2023.csv.gz --time 0.5 --out fast.arrow', 'twice as fast'),
  handler: async (args) => {
    const { readTrace } = await import('../../../node/trace-files.js');
    checkFactors(args);
    const before = await readTrace(args.file);
    const after = await scaled(before, args);
    await writeAndTell(args, after, await burstinessRemarks(before, after, methodOf(args)));
  },
};

/** Beyond this the copies smooth away everything that the trace had of its own; scenarios have the same limit. */
const MOST_COPIES = 1e5;

function checkFactors({ rate, time, 'max-shift-s': maxShiftS }: ScaleArguments): void {
  if ((rate === undefined) === (time === undefined)) {
    throw InputError.of('scale needs either --rate or --time', 'give one of the two');
  }
  if (rate !== undefined && rate > MOST_COPIES) {
    throw InputError.of(`is ${rate}`, `give at most ${MOST_COPIES}`, { path: '--rate' });
  }
  if (!(maxShiftS >= 0)) throw InputError.of('is negative', 'give 0 or more', { path: '--max-shift-s' });
}

async function scaled(trace: Trace, { rate, time, seed, ...args }: ScaleArguments): Promise<Trace> {
  const { scaleRate, scaleTime } = await import('../../../trace/transform.js');
  if (time !== undefined) return scaleTime(trace, time);
  const { RandomStreams } = await import('../../../base/random.js');
  checkRequestCount(trace.arrivalUs.length * rate!);
  const random = new RandomStreams(seedOf(seed)).get('trace scale');
  return scaleRate(trace, rate!, random, { maxShiftUs: microseconds(args['max-shift-s']) });
}

/** What the method does to burstiness, so that nobody takes the result for real traffic at that rate. */
function methodOf({ rate, time, 'max-shift-s': maxShiftS }: ScaleArguments): string {
  if (time !== undefined) {
    return `every time was multiplied by ${time}: the CV of gaps stays, and everything that has a length, a burst or a day, is ${time} times as long`;
  }
  if (rate! <= 1) {
    return `each request was kept with probability ${rate}: gaps move towards those of a Poisson process; --time keeps their CV`;
  }
  return `copies of the trace, each moved by up to ${maxShiftS} s, lie over it: they smooth each other, so this is calmer than traffic that really is ${rate} times as much; --time keeps the CV of gaps`;
}
