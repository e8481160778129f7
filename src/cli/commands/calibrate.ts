import type { CommandModule } from 'yargs';
import { DEFAULT_DESIGN } from '../../calibrate/experiment.js';
import { secondsOf } from '../duration.js';
import { interruptSignal } from '../interrupt.js';
import { printResult, say } from '../output.js';
import { connectTo, type ServerArguments, withServerOptions } from './server-options.js';

type CalibrateArguments = ServerArguments & {
  readonly out: string;
  readonly models: string | undefined;
  readonly budget: string | undefined;
  readonly 'allow-load': boolean;
  readonly metrics: string | undefined;
  readonly gpu: string | undefined;
  readonly 'max-batch': number;
  readonly pacer: 'hybrid' | 'worker' | 'sleep' | undefined;
  readonly input: string | undefined;
  readonly fill: 'zero' | 'random';
  readonly json: boolean;
};

export const calibrateCommand: CommandModule<object, CalibrateArguments> = {
  command: 'calibrate',
  describe: 'Measure the models of a live Triton and write their profiles',
  builder: (yargs) =>
    withServerOptions(yargs)
      .option('out', {
        type: 'string',
        demandOption: true,
        describe: 'Folder of the calibration; goes on where it was stopped',
      })
      .option('models', {
        type: 'string',
        describe: 'Models, separated by commas. Default: all that are ready',
      })
      .option('budget', {
        type: 'string',
        describe: 'Time to spend, such as 5m. Default: 3 minutes per model',
      })
      .option('allow-load', {
        type: 'boolean',
        default: false,
        describe: 'Unload and load models, to measure what that costs',
      })
      .option('metrics', { type: 'string', describe: 'Address of /metrics, for GPU memory' })
      .option('gpu', { type: 'string', describe: 'Kind of the GPU, such as "Tesla T4"' })
      .option('max-batch', {
        type: 'number',
        default: DEFAULT_DESIGN.largestBatch,
        describe: 'Largest batch to measure',
      })
      .option('pacer', {
        choices: ['hybrid', 'worker', 'sleep'] as const,
        describe: 'How the load generator waits. Default: by where the server is',
      })
      .option('input', { type: 'string', describe: 'File with the contents of the input tensors' })
      .option('fill', {
        choices: ['zero', 'random'] as const,
        default: 'zero' as const,
        describe: 'What tensors hold',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the fit as JSON' })
      .example(
        '$0 calibrate --url localhost:8001 --budget 5m --out calibration/mine',
        'all models of a server',
      ),
  handler: async (args) => {
    const { client } = await connectTo(args);
    try {
      const { calibrateServer } = await import('../../node/calibrate-server.js');
      const models = args.models?.split(',').map((name) => name.trim());
      const count = models?.length ?? (await client.repositoryIndex()).length;
      const values = args.input === undefined ? undefined : await readInput(args.input);
      const result = await calibrateServer({
        client,
        ...(models !== undefined && { models }),
        out: args.out,
        budgetS: args.budget === undefined ? 180 * Math.max(1, count) : secondsOf('--budget', args.budget),
        design: { ...DEFAULT_DESIGN, load: args['allow-load'], largestBatch: args['max-batch'] },
        inputs: { fill: args.fill, ...(values !== undefined && values) },
        ...(args.metrics !== undefined && { metricsUrl: args.metrics }),
        ...(args.gpu !== undefined && { gpu: args.gpu }),
        ...(args.pacer !== undefined && { pacer: args.pacer }),
        signal: interruptSignal(),
        onProgress: ({ experiment, number, of, spentS, budgetS }) =>
          say(`${number}/${of} ${experiment.id} (${Math.round(spentS)} of ${Math.round(budgetS)} s)`),
      });
      const { canonicalJson } = await import('../../report/canonical-json.js');
      await printResult(args.json ? canonicalJson(result.fit) : result.report);
      say(`wrote ${result.files.length} files to ${args.out}`);
      if (result.interrupted) {
        say('interrupted; the same command goes on from here');
        process.exitCode = 130;
      }
    } finally {
      client.close();
    }
  },
};

async function readInput(path: string) {
  const { readInputContents } = await import('../../live/input-files.js');
  return readInputContents(path);
}
