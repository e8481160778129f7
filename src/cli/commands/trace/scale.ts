import type { InferredOptionTypes } from 'yargs';
import { InputError } from '../../../base/problem.js';
import { MOST_STEPS } from '../../../scenario/check/load-size.js';
import type { Trace } from '../../../trace/trace.js';
import { command } from '../../command.js';
import { requireNumbers } from '../../number-options.js';
import { seedOf } from '../../seed.js';
import { refuseUnused } from '../../unused-options.js';
import { fileArgument, readSource, seedOption, type WriteArguments, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

const scaleOptions = {
  rate: {
    type: 'number',
    describe: 'Factor on the rate: below 1 thins, above 1 lays copies over the trace',
  },
  time: {
    type: 'number',
    describe: 'Factor on all times: below 1 faster, above 1 slower; bursts keep their shape',
  },
  seed: seedOption,
} as const;

type ScaleArguments = WriteArguments & InferredOptionTypes<typeof scaleOptions> & { readonly file: string };

export const scaleCommand = command({
  command: 'scale <file>',
  describe: 'More or fewer requests in the same time, or the same requests faster or slower',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .options(scaleOptions)
      .options(writeOptions)
      .example('$0 trace scale traces/azure-llm-2023.csv.gz --rate 2 --out double.arrow', 'two copies')
      .example('$0 trace scale traces/azure-llm-2023.csv.gz --time 0.5 --out fast.arrow', 'twice as fast'),
  handler: async (args) => {
    const before = await readSource(args, [() => checkFactors(args)]);
    const { trace, change, method } =
      args.rate === undefined ? await byTime(before, args) : await byRate(before, args);
    await writeAndTell(args, changed(trace, args.file, change), { sentences: [method], facts: { method } });
  },
});

/** Beyond this the copies smooth away everything that the trace had of its own; scenarios have the same limit. */
const MOST_COPIES = 1e5;

function checkFactors({ rate, time, seed }: ScaleArguments): void {
  if ((rate === undefined) === (time === undefined)) {
    throw InputError.of('scale needs either --rate or --time', 'give one of the two');
  }
  // Whether the default was written out nobody can tell, and it makes no difference.
  if (rate === undefined)
    refuseUnused({ seed: seed !== seedOption.default }, 'with --time, which draws nothing');
  requireNumbers({ rate: [rate, { from: 0, to: MOST_COPIES }], time: [time, { above: 0 }] });
}

interface Scaled {
  readonly trace: Trace;
  readonly change: string;
  readonly method: string;
}

async function byTime(before: Trace, { time }: ScaleArguments): Promise<Scaled> {
  const { scaleTime } = await import('../../../trace/transform.js');
  const method = `Every time was multiplied by ${time}: the CV of gaps stays, and everything that has a length, a burst or a day, is ${time} times as long.`;
  return { trace: scaleTime(before, time!), change: `times × ${time}`, method };
}

async function byRate(before: Trace, { rate, seed }: ScaleArguments): Promise<Scaled> {
  const { scaleRate, splitTenants, superposeTraces } = await import('../../../trace/transform.js');
  const { RandomStreams } = await import('../../../base/random.js');
  const factor = rate!;
  const expected = before.arrivalUs.length * factor;
  if (expected > MOST_STEPS)
    throw InputError.of(
      `the trace would have about ${expected.toPrecision(3)} requests`,
      `make it shorter or lower its rate: at most ${MOST_STEPS}`,
    );
  // Each tenant has a stream of its own, so that none shifts another's draws; a scenario that scales a trace draws from the same.
  const streams = new RandomStreams(seedOf(seed));
  const scaled = splitTenants(before).map((own) =>
    scaleRate(own, factor, streams.get(`trace scaling/${own.tenants[0]}`)),
  );
  const trace = scaled.length === 1 ? scaled[0]! : superposeTraces(scaled);
  const method = factor < 1 ? thinningSentence(factor) : copyingSentence(factor);
  return { trace, change: `rate × ${factor}, seed ${seed}`, method };
}

/** The sum of independent counts has their variance over mean, where a multiple of one has a multiple of it. */
function copyingSentence(factor: number): string {
  return `Copies of each tenant's requests, moved by up to a minute, lie over the trace: bursts shorter than that do not coincide, so the dispersion stays about what it was, where the same traffic ${factor} times as strong would be burstier. --time changes the rate and keeps the CV of gaps.`;
}

/**
 * What thinning does to bursts. Counts that are thinned by p have
 * variance over mean - 1 = p × (that of all - 1) (Cox and Isham, Point Processes, 1980, section 4.3).
 */
function thinningSentence(probability: number): string {
  return `Each request was kept with probability ${probability}, independently: bursts are thinned out like everything else, and the dispersion comes nearer to 1 by that factor. trace scale --time changes the rate and keeps the CV of gaps.`;
}
