import type { InferredOptionTypes } from 'yargs';
import { given } from '../../base/given.js';
import type { LoadedScenario } from '../../node/scenario/scenario-files.js';
import type { Confirmation } from '../../node/tune/live-confirmation.js';
import type { TuneOutcome } from '../../node/tune/tune-scenario.js';
import { OBJECTIVES } from '../../plan/tune/score.js';
import { command } from '../command.js';
import { exitCodeOf, printError } from '../errors.js';
import { gatherBeside, gatherProblems } from '../gather-problems.js';
import { interruptedCode, sayingOnInterrupt } from '../interrupt.js';
import { COUNT, requireNumbers, THREADS } from '../number-options.js';
import { printJson, printResult, say, textOptions, VERBOSE } from '../output.js';
import { sayNowAndThen } from '../throttle.js';
import {
  overridesOf,
  type ScenarioArguments,
  scenarioArgument,
  withScenarioOptions,
} from './options/scenario-options.js';
import {
  type ConfirmArguments,
  confirmOptions,
  ON_INTERRUPT,
  type OpenConfirmation,
  openConfirmation,
  readConfirmation,
} from './tune/confirm-options.js';
import { type SpaceArguments, spaceOf, spaceOptions } from './tune/space-options.js';

const searchOptions = {
  objective: {
    choices: OBJECTIVES,
    default: 'throughput' as const,
    describe:
      'What is best, within every SLO; balanced: geometric mean of the tenants, as Model Analyzer ranks',
  },
  budget: { type: 'number', default: 1000, describe: 'Whole runs of the scenario to spend on the search' },
  runs: { type: 'number', default: 5, describe: 'Replications of the finalists' },
  threads: { type: 'number', default: 1, describe: 'Worker threads of the search; the result is the same' },
} as const;

const outputOptions = {
  json: { type: 'boolean', default: false, describe: 'Print as JSON' },
  verbose: VERBOSE,
  out: { type: 'string', describe: 'Write the best scenario and every evaluation into a folder' },
  emit: { type: 'string', describe: 'Write model repositories and manifests of the best into a folder' },
} as const;

/** Exit code where no setting meets every SLO, as that of plan. */
const VIOLATED = 1;

type TuneArguments = ScenarioArguments &
  SpaceArguments &
  ConfirmArguments &
  InferredOptionTypes<typeof searchOptions> &
  InferredOptionTypes<typeof outputOptions> & { readonly scenario: string };

export const tuneCommand = command({
  command: 'tune <scenario>',
  describe: 'The best settings on the same machines',
  builder: (yargs) =>
    withScenarioOptions(yargs)
      .positional('scenario', scenarioArgument)
      .options(spaceOptions)
      .options(searchOptions)
      .options(outputOptions)
      .options(confirmOptions)
      .group(Object.keys(spaceOptions), 'What is tried:')
      .group(Object.keys(confirmOptions), 'Measuring the best live:')
      .example(
        '$0 tune examples/scenarios/one-tenant.yaml --objective latency',
        'lowest p99 at the load as it is',
      )
      .example(
        '$0 tune examples/scenarios/closed-loop.yaml --concurrency 1,2,4,8,16 --out results/tuned',
        'most inferences per second within the SLOs over a sweep of loads',
      )
      .example(
        '$0 tune examples/scenarios/one-tenant.yaml --confirm 3 --url localhost:8001',
        'also measure the best three on a live server, which is given back as it was',
      )
      .epilogue(
        'Exit code 1: no setting that was tried meets every SLO (the best of them is shown). 2: the scenario or an option is wrong.',
      ),
  handler: async (args) => {
    const { loadScenario } = await import('../../node/scenario/scenario-files.js');
    const [overrides, space, input] = await gatherBeside(
      () => loadScenario(args.scenario),
      () => overridesOf(args),
      () => spaceOf(args),
      () => readConfirmation(args),
      () =>
        requireNumbers({
          runs: [args.runs, COUNT],
          threads: [args.threads, THREADS],
          budget: [args.budget, COUNT],
        }),
      () => requirePlaces(args),
    );
    const loaded = await loadScenario(args.scenario, overrides);
    if (args.emit !== undefined) await requireEmittable(loaded);
    const confirmation = input && (await openConfirmation(args.scenario, loaded, input, args));
    try {
      const { tuneScenario } = await import('../../node/tune/tune-scenario.js');
      const outcome = await tuneScenario(args.scenario, {
        overrides,
        objective: args.objective,
        space,
        budgetRuns: args.budget,
        replications: args.runs,
        threads: args.threads,
        progress: sayNowAndThen(),
        notify: say,
      });
      await reportOutcome(outcome, args, confirmation);
    } finally {
      confirmation?.close();
    }
  },
});

/**
 * Measures the best where that is asked for, then writes and prints. What was found by simulation is not lost
 * when measuring fails.
 */
async function reportOutcome(
  outcome: TuneOutcome,
  args: TuneArguments,
  confirmation: OpenConfirmation | undefined,
): Promise<void> {
  const { emitBest, writeTuneFolder } = await import('../../node/tune/write-tune-folder.js');
  const { tuneValues } = await import('../../node/tune/tune-values.js');
  const { violatesAnyhow, tuneToText } = await import('../../node/tune/tune-text.js');
  const values = tuneValues(outcome, confirmation && (await confirm(outcome, confirmation)));
  if (args.out !== undefined) {
    await writeTuneFolder(args.out, outcome, values);
    say(`wrote ${args.out}/ (scenario.yaml, evaluations.csv, tune.json)`);
  }
  if (args.emit !== undefined) {
    const { emittedText } = await import('../../node/emit/emit-text.js');
    const { shellWord } = await import('../../base/shell-word.js');
    // Its own --models are those to tune.
    const again = `perseus emit ${shellWord(`${args.emit}/scenario.yaml`)} --out FOLDER --models REPOSITORY`;
    say(emittedText(args.emit, await emitBest(outcome, { out: args.emit }), { again }).trimEnd());
  }
  if (args.json) await printJson(values);
  else
    await printResult(
      tuneToText(values, {
        ...textOptions({ verbose: args.verbose }),
        ...given({ out: args.out, emit: args.emit }),
      }),
    );
  if (violatesAnyhow(values)) process.exitCode ??= VIOLATED;
}

/** What was measured, also when measuring fails; the error is printed and decides the exit code. */
async function confirm(
  outcome: TuneOutcome,
  { live, candidates, rounds }: OpenConfirmation,
): Promise<Confirmation> {
  const { confirmLive } = await import('../../node/tune/live-confirmation.js');
  return sayingOnInterrupt(ON_INTERRUPT, async (signal) => {
    const options = { candidates, rounds, progress: say, signal };
    const measured = await confirmLive(outcome, live, options);
    const { errors } = measured;
    for (const error of errors) printError(error);
    if (errors.length > 0) process.exitCode = exitCodeOf(errors[0]);
    else if (signal.aborted) process.exitCode = interruptedCode(signal);
    if (measured.interrupted) say('interrupted, what was measured until then is shown');
    return measured;
  });
}

async function requirePlaces({ out, emit }: TuneArguments): Promise<void> {
  const { requireResultFolder } = await import('../../node/output/result-folder.js');
  await gatherProblems(
    () => out !== undefined && requireResultFolder('--out', out, 'tune'),
    () => emit !== undefined && requireResultFolder('--emit', emit, 'emit'),
  );
}

/**
 * A search changes settings only: what is wrong with emitting its result is wrong with the scenario as it is.
 * @throws InputError where a model's name cannot be that of a folder, say
 */
async function requireEmittable({ spec, scenario, resources }: LoadedScenario): Promise<void> {
  const { emitPlacement } = await import('../../emit/emit.js');
  emitPlacement({ spec, scenario, resources });
}
