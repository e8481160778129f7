import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { OBJECTIVES } from '../../plan/tune/score.js';
import { printResult, say } from '../output.js';
import {
  overridesOf,
  requireCounts,
  type ScenarioArguments,
  withScenarioOptions,
} from './scenario-options.js';

const searchOptions = {
  objective: {
    choices: OBJECTIVES,
    default: 'throughput',
    describe:
      'What is best, within every SLO; balanced: geometric mean of the tenants, as Model Analyzer ranks',
  },
  models: { type: 'string', describe: 'Only these, as model or server/model, with commas' },
  instances: { type: 'string', describe: 'Instances to try, e.g. 1,2,3' },
  'max-batch': { type: 'string', describe: 'max_batch_size to try, e.g. 1,2,4,8' },
  preferred: { choices: ['max', 'powers', 'both'], default: 'both', describe: 'Preferred batch sizes' },
  delay: { type: 'string', describe: 'Queue delays in µs to try, e.g. 0,100,500' },
  'queue-limit': { type: 'string', describe: 'max_queue_size to try, e.g. 0,32 (0: none)' },
  concurrency: { type: 'string', describe: 'Callers of the closed loops to try, e.g. 1,2,4,8,16' },
  load: { type: 'string', describe: 'Factors on the rates to try, e.g. 0.5,1,2' },
  budget: { type: 'number', default: 1000, describe: 'Whole runs of the scenario to spend on the search' },
  runs: { type: 'number', default: 5, describe: 'Replications of the finalists' },
  threads: { type: 'number', default: 1, describe: 'Worker threads; the result is the same' },
} as const;

const outputOptions = {
  json: { type: 'boolean', default: false, describe: 'Print as JSON' },
  out: { type: 'string', describe: 'Write the best scenario and every evaluation into a folder' },
  emit: { type: 'string', describe: 'Write model repositories and manifests of the best into a folder' },
} as const;

type TuneArguments = ScenarioArguments &
  InferredOptionTypes<typeof searchOptions> &
  InferredOptionTypes<typeof outputOptions> & { readonly scenario: string };

export const tuneCommand: CommandModule<object, TuneArguments> = {
  command: 'tune <scenario>',
  describe: 'The best instances, batching and queue settings on the same machines, by simulation',
  builder: (yargs): Argv<TuneArguments> =>
    withScenarioOptions(yargs)
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'Scenario file (YAML or JSON)',
      })
      .options(searchOptions)
      .options(outputOptions)
      .example('$0 tune scenarios/one-tenant.yaml --objective latency', 'lowest p99 at the load as it is')
      .example(
        '$0 tune scenarios/closed-loop.yaml --concurrency 1,2,4,8,16 --out results/tuned',
        'most inferences per second within the SLOs over a sweep of loads',
      ),
  handler: async (args) => {
    const space = await spaceOf(args);
    requireCounts({ runs: args.runs, threads: args.threads, budget: args.budget });
    const folder = await import('../../node/tune/write-tune-folder.js');
    const { requireReplaceable } = await import('../../node/atomic-write.js');
    if (args.out !== undefined) await folder.requireTuneFolder(args.out);
    if (args.emit !== undefined) await requireReplaceable(args.emit, 'placement.csv');
    const { tuneScenario } = await import('../../node/tune/tune-scenario.js');
    const { tuneValues } = await import('../../node/tune/tune-values.js');
    const outcome = await tuneScenario(args.scenario, {
      overrides: overridesOf(args),
      objective: args.objective as (typeof OBJECTIVES)[number],
      space,
      budgetRuns: args.budget,
      replications: args.runs,
      threads: args.threads,
      progress: progressLine(),
    });
    const values = tuneValues(outcome);
    if (args.out !== undefined) {
      await folder.writeTuneFolder(args.out, outcome, values);
      say(`wrote ${args.out}/ (scenario.yaml, evaluations.csv, tune.json)`);
    }
    if (args.emit !== undefined) {
      await folder.emitBest(outcome, { out: args.emit });
      say(`wrote ${args.emit}/`);
    }
    const { canonicalJson } = await import('../../report/canonical-json.js');
    const { tuneToText } = await import('../../node/tune/tune-text.js');
    await printResult(args.json ? canonicalJson(values, ['format']) : tuneToText(values));
  },
};

/** @throws InputError with every list that is none */
async function spaceOf(args: TuneArguments) {
  const { ListReader } = await import('../../node/tune/read-lists.js');
  const lists = new ListReader();
  const instances = lists.counts('--instances', args.instances, 1024);
  const maxBatchSizes = lists.counts('--max-batch', args['max-batch'], 65_535);
  const delaysUs = lists.numbers('--delay', args.delay, { from: 0, to: 1e9, whole: true });
  const queueLimits = lists.numbers('--queue-limit', args['queue-limit'], { from: 0, to: 1e9, whole: true });
  const concurrency = lists.counts('--concurrency', args.concurrency, 1_000_000);
  const rateFactors = lists.numbers('--load', args.load, { from: 1e-6, to: 1e5, whole: false });
  lists.throwIfAny();
  return {
    ...(args.models === undefined ? {} : { models: args.models.split(',').map((name) => name.trim()) }),
    ...(args.preferred === 'both' ? {} : { preferred: [args.preferred as 'max' | 'powers'] }),
    ...(instances && { instances }),
    ...(maxBatchSizes && { maxBatchSizes }),
    ...(delaysUs && { delaysUs }),
    ...(queueLimits && { queueLimits }),
    ...(concurrency && { concurrency }),
    ...(rateFactors && { rateFactors }),
  };
}

/** Progress on stderr, twice a second at most. */
function progressLine(): (text: string) => void {
  let last = performance.now();
  return (text) => {
    const now = performance.now();
    if (now - last < 500) return;
    last = now;
    say(text);
  };
}
