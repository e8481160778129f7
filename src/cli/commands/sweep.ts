import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CommandModule, InferredOptionTypes } from 'yargs';

import { isFolderName } from '../../base/file-name.js';
import { plural } from '../../base/plural.js';
import { InputError } from '../../base/problem.js';
import { shellWord } from '../../base/shell-word.js';
import type { PreparedSweep } from '../../node/sweep/prepare-sweep.js';
import type { SweepOutcome } from '../../node/sweep/run-sweep.js';
import { command } from '../command.js';
import { gatherProblems } from '../gather-problems.js';
import { interruptedCode, interruptSignal } from '../interrupt.js';
import { requireNumbers, THREADS } from '../number-options.js';
import { printJson, printResult, requireOneForm, say, textOptions, VERBOSE } from '../output.js';
import { pointProgress } from '../point-progress.js';

const resultOptions = {
  json: { type: 'boolean', default: false, describe: 'Print the results as JSON' },
  csv: { type: 'boolean', default: false, describe: 'Print the results as CSV' },
  verbose: VERBOSE,
  chart: { type: 'string', describe: 'Draw a figure over one axis or two into an SVG file' },
  x: {
    type: 'string',
    describe:
      'Axis of the chart, or a figure over which lines are drawn, such as throughput_per_s; default: the first axis of numbers with several values, else of words',
  },
  y: { type: 'string', describe: 'Second axis of the chart' },
  figure: { type: 'string', describe: 'Column of the results that the chart shows' },
  tenant: { type: 'string', describe: 'Tenant that the chart shows; default: all together' },
} as const;

const runOptions = {
  out: {
    type: 'string',
    describe: 'Folder of results, default results/NAME; points that are there are not run again',
  },
  engine: {
    type: 'string',
    describe: 'inline, threads, or redis://host:6379 for the machines that run perseus worker',
  },
  threads: {
    type: 'number',
    default: availableParallelism(),
    defaultDescription: 'all cores',
    describe: 'Worker threads; the result is the same',
  },
  shard: {
    type: 'string',
    describe: 'Run only this part of the points, e.g. 3/16; then perseus sweep merge',
  },
} as const;

type ResultArguments = InferredOptionTypes<typeof resultOptions>;
type RunArguments = ResultArguments & InferredOptionTypes<typeof runOptions> & { readonly file: string };

const runCommand = command({
  command: '$0 <file>',
  describe: 'Simulate every point of a sweep; takes up where an earlier run stopped',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'Sweep file (YAML or JSON)' })
      .options(runOptions)
      .options(resultOptions)
      .example(
        '$0 sweep examples/sweeps/gpu-choice.yaml',
        'results/gpu-choice: Parquet, Arrow, CSV, JSON, report.html',
      )
      .example(
        '$0 sweep examples/sweeps/gpu-choice.yaml --chart gpu.svg --x rate --y gpu --figure usd_per_million_inferences',
        'and a chart of two axes',
      )
      .example(
        '$0 sweep examples/sweeps/batching.yaml --engine redis://10.0.0.5',
        'on every perseus worker there',
      )
      .example(
        '$0 sweep examples/sweeps/batching.yaml --shard 3/16 --out /shared/batching',
        'one of 16 parts',
      ),
  handler: async (args) => {
    const { parseShard } = await import('../../node/sweep/shard.js');
    const { engineOf } = await import('../../node/sweep/select-runner.js');
    const [{ sweep, chart, out }, shard] = await gatherProblems(
      () => prepare(args),
      () => (args.shard === undefined ? undefined : parseShard(args.shard)),
      () => engineOf(args),
      () => requireNumbers({ threads: [args.threads, THREADS] }),
    );
    const outcome = await run(args, sweep, out, shard);
    if (outcome === undefined) return;
    if (outcome.table === undefined) await reportPart(args, sweep, out, outcome);
    else await report(args, sweep, out, outcome.table, chart);
  },
});

const mergeCommand = command({
  command: 'merge <file> [files..]',
  describe: 'Put the results of shards together',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'Sweep file (YAML or JSON)' })
      .positional('files', {
        type: 'string',
        array: true,
        default: [],
        describe: 'Folders of shards; none where all shards wrote into --out',
      })
      .option('out', { type: 'string', describe: 'Folder for the whole, default results/NAME' })
      .options(resultOptions)
      .example(
        '$0 sweep merge examples/sweeps/batching.yaml shard1 shard2 --out results/batching',
        'two folders',
      )
      .example(
        '$0 sweep merge examples/sweeps/batching.yaml --out /shared/batching',
        'shards of one shared folder',
      ),
  handler: async (args) => {
    const { mergeSweep } = await import('../../node/sweep/merge-sweep.js');
    const { sweep, chart, out } = await prepare(args);
    const table = await mergeSweep(sweep, args.files.map(String), out);
    await report(args, sweep, out, table, chart);
  },
});

export const sweepCommand: CommandModule = {
  command: 'sweep',
  describe: 'A scenario over many settings',
  builder: (yargs) => yargs.command(runCommand).command(mergeCommand),
  handler: () => {},
};

type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Everything that can be wrong with the input and the places of results is found here, before anything runs. */
async function prepare(args: ResultArguments & { readonly file: string; readonly out: string | undefined }) {
  const { prepareSweep } = await import('../../node/sweep/prepare-sweep.js');
  const { chartRequest } = await import('../../node/sweep/sweep-chart.js');
  const { requireSweepFolder } = await import('../../node/sweep/own-sweep.js');
  const { requireFilePlace } = await import('../../node/files/output-places.js');
  const progress = pointProgress('points checked', 2000);
  const [sweep] = await gatherProblems(
    () =>
      prepareSweep(args.file, (done, total) => {
        progress.update({ done, total, found: 0 });
      }).finally(() => progress.stop()),
    () => requireOneForm(args),
    () => args.chart !== undefined && requireFilePlace('--chart', args.chart),
    () => args.out !== undefined && requireSweepFolder(args.out),
  );
  const out = args.out ?? namedFolder(sweep.spec.name);
  const [chart] = await gatherProblems(
    () => chartRequest(sweep, args),
    () => args.out === undefined && requireNamedFolder(sweep),
  );
  return { sweep, chart, out };
}

const namedFolder = (name: string): string => join('results', name);

/** A name may hold anything that can be printed; results that nobody has given a place stay in results/. */
async function requireNamedFolder({ file, spec: { name } }: PreparedSweep): Promise<void> {
  const { requireSweepFolder } = await import('../../node/sweep/own-sweep.js');
  if (isFolderName(name)) return requireSweepFolder(namedFolder(name));
  throw InputError.of(
    `"${name}" cannot be the name of a folder in results/`,
    'name a folder with --out, or the sweep without / and \\ and not . or ..',
    { file, path: 'name' },
  );
}

/** Undefined where it was interrupted. */
async function run(
  args: RunArguments,
  sweep: Prepared['sweep'],
  out: string,
  shard: import('../../node/sweep/shard.js').Shard | undefined,
): Promise<SweepOutcome | undefined> {
  const { selectRunner } = await import('../../node/sweep/select-runner.js');
  const { runSweep } = await import('../../node/sweep/run-sweep.js');
  const { engine, threads } = args;
  const runner = await selectRunner(sweep, { engine, threads, notify: say });
  const signal = interruptSignal();
  const progress = pointProgress('scenarios');
  const outcome = await runSweep(sweep, {
    out,
    runner,
    signal,
    ...(shard && { shard }),
    onProgress: ({ scenarios: total, done, found }) => progress.update({ done, found, total }),
  }).finally(() => progress.stop());
  if (!signal.aborted) return outcome;
  say(
    `stopped: ${outcome.done} of ${outcome.scenarios} scenarios are kept in ${out}; the same command goes on from there`,
  );
  process.exitCode = interruptedCode(signal);
  return undefined;
}

/** After a shard: the rest is elsewhere, or yet to come. */
async function reportPart(
  args: RunArguments,
  sweep: Prepared['sweep'],
  out: string,
  { scenarios, done, found }: SweepOutcome,
): Promise<void> {
  say(
    `${done} ${plural(done, 'scenario')} of this part ${plural(done, 'is', 'are')} in ${out}; when all parts are done, perseus sweep merge ${shellWord(args.file)} [FOLDER of each other part] --out ${shellWord(out)}`,
  );
  if (args.chart !== undefined || args.csv)
    say('a chart and a CSV are made of the whole: ask perseus sweep merge for them');
  if (!args.json) return;
  const { factsOf } = await import('../../node/sweep/sweep-folder.js');
  await printJson({ ...factsOf(sweep), isComplete: false, scenarios, done, found }, []);
}

async function report(
  args: ResultArguments,
  sweep: Prepared['sweep'],
  out: string,
  table: import('../../sweep/sweep-table.js').SweepTable,
  chart: Prepared['chart'],
): Promise<void> {
  const folder = await import('../../node/sweep/sweep-folder.js');
  const sweepReport = folder.reportOf(sweep, table);
  if (args.chart !== undefined) {
    const { writeSweepChart } = await import('../../node/sweep/sweep-chart.js');
    const note = await writeSweepChart(args.chart, sweepReport, chart);
    say(`wrote ${args.chart}${note === undefined ? '' : ` (${note})`}`);
  }
  say(`wrote ${out}/ (report.html, results.parquet, .arrow, .csv, .json, scenarios/)`);
  if (args.json) {
    await printResult(folder.sweepTableToJson(table, folder.factsOf(sweep)));
  } else if (args.csv) {
    await printResult((await import('../../sweep/sweep-table.js')).sweepTableToCsv(table));
  } else {
    const { sweepToText } = await import('../../report/sweep/sweep-text.js');
    await printResult(sweepToText(sweepReport, { ...textOptions({ verbose: args.verbose }), folder: out }));
  }
}
