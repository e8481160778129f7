import type { InferredOptionTypes } from 'yargs';
import { given } from '../../base/given.js';
import { plural } from '../../base/plural.js';
import { InputError } from '../../base/problem.js';
import { shellWord } from '../../base/shell-word.js';
import type { Probe } from '../../calibrate/next-probe.js';
import type { InferenceClient } from '../../live/inference-client.js';
import { withoutUser } from '../../live/triton/address.js';
import { calibrationProgress } from '../calibration-progress.js';
import { command } from '../command.js';
import { secondsOf } from '../duration.js';
import { gatherProblems } from '../gather-problems.js';
import { interruptedCode, interruptible } from '../interrupt.js';
import { listedNames } from '../listed-names.js';
import { COUNT, requireNumbers } from '../number-options.js';
import { printJson, printResult, say } from '../output.js';
import { inputOptions, readInputs } from './options/input-options.js';
import { liveRunOptions } from './options/live-run-options.js';
import { connectTo, readServerOptions, serverOptions, TLS_OPTIONS } from './options/server-options.js';

/** With the largest batch of a design, which is read only when the command runs. */
async function calibrateOptions() {
  const { DEFAULT_DESIGN } = await import('../../calibrate/experiment.js');
  return {
    ...serverOptions,
    out: {
      type: 'string',
      demandOption: true,
      describe: 'Folder of the calibration; goes on where it was stopped',
    },
    models: {
      type: 'string',
      describe: 'Models, separated by commas (\\, for one in a name). Default: all that are ready',
    },
    budget: {
      type: 'string',
      describe: 'Time to spend, such as 5m. Default: 3 minutes per model',
    },
    'allow-load': {
      type: 'boolean',
      default: false,
      describe: 'Unload and load models, to measure what that and a second instance cost',
    },
    metrics: { type: 'string', describe: 'Address of /metrics, for GPU memory' },
    gpu: { type: 'string', describe: 'Kind of the GPU, such as "Tesla T4"' },
    'max-batch': {
      type: 'number',
      default: DEFAULT_DESIGN.largestBatch,
      describe: 'Largest batch to measure',
    },
    'http-url': {
      type: 'string',
      describe: 'HTTP address of the server, beside its --url: requests go over HTTP/REST',
    },
    'shared-memory': {
      choices: ['none', 'system'] as const,
      default: 'none' as const,
      describe: "Where tensors are: in the requests, or in memory of the server's own machine",
    },
    pacer: liveRunOptions.pacer,
    ...inputOptions,
    json: { type: 'boolean', default: false, describe: 'Print the fit as JSON' },
  } as const;
}

type CalibrateArguments = InferredOptionTypes<Awaited<ReturnType<typeof calibrateOptions>>>;

export const calibrateCommand = command({
  command: 'calibrate',
  describe: 'Measure a live Triton and write profiles',
  builder: async (yargs) =>
    yargs
      .options(await calibrateOptions())
      .example('$0 calibrate --url localhost:8001 --out calibration/mine', 'all models of a server')
      .example(
        '$0 calibrate --url localhost:8001 --models resnet,bert --budget 5m --gpu "Tesla T4" --out t4',
        'two models in five minutes; the same command again goes on where it was stopped',
      )
      .example(
        '$0 calibrate --url gpu1:8001 --metrics http://gpu1:8002/metrics --allow-load --out gpu1',
        'also what loading costs, in time and in GPU memory, and what a second instance costs',
      )
      .example(
        '$0 calibrate --url gpu1:8001 --shape bert/input_ids=128 --input detector=frame.json --out gpu1',
        'what requests hold, where that decides how long they take',
      ),
  handler: (args) =>
    interruptible(async (begin) => {
      const input = await readInput(args);
      const client = await connectTo(input.server);
      try {
        await calibrateWith(client, args, input, begin);
      } finally {
        client.close();
      }
    }),
});

async function readInput(args: CalibrateArguments) {
  const { requireFolderPlace } = await import('../../node/files/output-places.js');
  const { 'http-url': httpUrl } = args;
  const [[server], models, budgetS, inputs] = await gatherProblems(
    () => readServerOptions(args, [args.url], httpUrl === undefined ? [] : [httpUrl]),
    () => (args.models === undefined ? undefined : listedNames('--models', args.models)),
    () => (args.budget === undefined ? undefined : secondsOf('--budget', args.budget)),
    () => readInputs(args),
    () => requireNumbers({ 'max-batch': [args['max-batch'], COUNT] }),
    () => args.metrics === undefined || requireWebAddress(args.metrics),
    () => requireFolderPlace('--out', args.out),
  );
  return { server: { ...server!, ...(httpUrl !== undefined && { httpUrl }) }, models, budgetS, inputs };
}

async function calibrateWith(
  client: InferenceClient,
  args: CalibrateArguments,
  { models, budgetS, inputs }: Awaited<ReturnType<typeof readInput>>,
  begin: () => AbortSignal,
): Promise<void> {
  const { DEFAULT_DESIGN } = await import('../../calibrate/experiment.js');
  const { calibrateServer } = await import('../../node/calibrate/calibrate-server.js');
  const signal = begin();
  const result = await calibrateServer({
    client,
    out: args.out,
    design: { ...DEFAULT_DESIGN, load: args['allow-load'], largestBatch: args['max-batch'] },
    inputs,
    ...given({ models, budgetS, metricsUrl: args.metrics, gpu: args.gpu, pacer: args.pacer }),
    ...(args['http-url'] !== undefined && { protocol: 'http' }),
    ...(args['shared-memory'] === 'system' && { sharedMemory: 'system' }),
    signal,
    onLook: say,
    onProgress: (progress) => say(calibrationProgress(progress)),
    onFit: (points) => say(`fitting ${points} ${plural(points, 'point')}`),
  });
  const { nextProbe: probe } = result;
  const probed = probe && { nextProbe: probe };
  const interrupted = result.interrupted ? { interrupted: true } : {};
  if (args.json)
    await printJson({ format: 'perseus-calibration/1', ...interrupted, ...probed, ...result.fit });
  else await printResult(result.report);
  say(`wrote ${result.files.length} ${plural(result.files.length, 'file')} to ${args.out}`);
  for (const file of result.leftAlone)
    say(`${file} was changed by hand: it is left alone, the new one is beside it`);
  if (result.interrupted) {
    say('interrupted; the same command goes on from here');
    process.exitCode = interruptedCode(signal);
  } else if (probe !== undefined) {
    const by = probe.times === undefined ? 'nobody knows how much' : `up to ${probe.times.toFixed(1)} times`;
    say(`most would tell: ${probe.what}; without it predictions may be off by ${by}. To measure it:`);
    say(`  ${commandWith(args, probe)}`);
  }
}

/** The command that was given, as far as it says how to connect and what to measure, with further options. No secret of a header is shown. */
export function commandWith(
  args: CalibrateArguments,
  { options, isAnew }: Pick<Probe, 'options' | 'isAnew'>,
): string {
  const { models, gpu, metrics, input = [], shape = [], fill } = args;
  const { 'http-url': http, 'shared-memory': memory, header = [] } = args;
  const { deadline, 'max-answer': answer, pacer } = args;
  const { deadline: usualDeadline, 'max-answer': usualAnswer } = serverOptions;
  const given: [string, string | undefined][] = [
    ['url', withoutUser(args.url)],
    ...TLS_OPTIONS.map((name): [string, string | undefined] => [name, args[name]]),
    ...header.map((each): [string, string] => ['header', each.replace(/[=:].*/s, '=…')]),
    ['deadline', deadline === usualDeadline.default ? undefined : deadline],
    ['max-answer', answer === usualAnswer.default ? undefined : String(answer)],
    ['http-url', http],
    ['shared-memory', memory === 'none' ? undefined : memory],
    ...Object.entries({ pacer }),
    ['out', isAnew === true ? `${args.out.replace(/\/+$/, '')}-anew` : args.out],
    ...Object.entries({ models, gpu, metrics }),
    ...input.map((each): [string, string] => ['input', each]),
    ...shape.map((each): [string, string] => ['shape', each]),
    ['fill', fill === 'zero' ? undefined : fill],
  ];
  const words = given.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(value)}`],
  );
  const load = args['allow-load'] ? ['--allow-load'] : [];
  return ['perseus calibrate', ...words, ...load, ...options].join(' ');
}

function requireWebAddress(text: string): void {
  const remedy = 'write for example http://localhost:8002/metrics';
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw InputError.of(`"${withoutUser(text)}" is no address of a page`, remedy, { path: '--metrics' });
  if (url.username !== '' || url.password !== '')
    throw InputError.of('a user name in the address is not supported', remedy, { path: '--metrics' });
}
