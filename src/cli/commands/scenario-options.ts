import type { Argv, InferredOptionTypes } from 'yargs';
import { InputError } from '../../base/problem.js';
import { requireNumbers } from '../number-options.js';
import { seedOf } from '../seed.js';

/** The scenario that a command is about. */
export const scenarioArgument = {
  type: 'string',
  demandOption: true,
  describe: 'Scenario file (YAML or JSON); - for standard input',
} as const;

/** Options that every command about a scenario takes. */
export const scenarioOptions = {
  seed: { type: 'string', describe: 'Seed of all random draws, instead of the one in the file' },
  duration: { type: 'number', describe: 'Length of the run in seconds, instead of the one in the file' },
  'warm-up': { type: 'number', describe: 'Seconds at the start that are not counted' },
} as const;

export function withScenarioOptions<T>(yargs: Argv<T>) {
  return yargs.options(scenarioOptions);
}

export type ScenarioArguments = InferredOptionTypes<typeof scenarioOptions>;

/**
 * What the options set in place of the file.
 * @throws InputError when a number makes no sense
 */
export function overridesOf(args: ScenarioArguments) {
  requireSeed(args.seed);
  requireNumbers({
    duration: [args.duration, { above: 0 }],
    'warm-up': [args['warm-up'], { from: 0 }],
  });
  return {
    ...(args.seed === undefined ? {} : { seed: seedOf(args.seed) }),
    ...(args.duration === undefined ? {} : { durationS: args.duration }),
    ...(args['warm-up'] === undefined ? {} : { warmUpS: args['warm-up'] }),
  };
}

/** As in a file, so that the scenario of a run folder can be read again. */
const LONGEST_SEED = 200;

function requireSeed(seed: string | undefined): void {
  if (seed === undefined || seed.length <= LONGEST_SEED) return;
  throw InputError.of('is too long for a seed', `write at most ${LONGEST_SEED} characters`, {
    path: '--seed',
  });
}
