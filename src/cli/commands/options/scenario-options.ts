import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv, InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import { InputError, ProblemList } from '../../../base/problem.js';
import { secondsOf } from '../../duration.js';
import { seedOf } from '../../seed.js';

export const scenarioArgument = {
  type: 'string',
  demandOption: true,
  describe: 'Scenario file (YAML or JSON), or the folder of a run; - for standard input',
  coerce: scenarioFileOf,
} as const;

/** The scenario in a folder that `simulate --out`, `tune --out` or `calibrate` wrote; any other path as it is. */
export function scenarioFileOf(path: string): string {
  const inside = ['scenario.json', 'scenario.yaml'].map((name) => join(path, name));
  return inside.find((file) => existsSync(file)) ?? path;
}

export const scenarioOptions = {
  seed: { type: 'string', describe: 'Seed of all random draws, instead of the one in the file' },
  duration: {
    type: 'string',
    describe: 'Length of the run, such as 90s or 5m, instead of the one in the file',
  },
  'warm-up': { type: 'string', describe: 'Time at the start that is not counted, such as 10s' },
} as const;

export function withScenarioOptions<T>(yargs: Argv<T>) {
  return yargs.options(scenarioOptions);
}

export type ScenarioArguments = InferredOptionTypes<typeof scenarioOptions>;

/**
 * What the options set in place of the file.
 * @throws InputError with every one that makes no sense
 */
export function overridesOf(args: ScenarioArguments) {
  const { seed, duration, 'warm-up': warmUp } = args;
  const problems = new ProblemList();
  const overrides = given({
    seed: problems.attempt(() => shortSeed(seed)),
    durationS: problems.attempt(() =>
      duration === undefined ? undefined : secondsOf('--duration', duration),
    ),
    warmUpS: problems.attempt(() =>
      warmUp === undefined ? undefined : secondsOf('--warm-up', warmUp, true),
    ),
  });
  problems.throwIfAny();
  return overrides;
}

/** As in a file, so that the scenario of a run folder can be read again. */
const LONGEST_SEED = 200;

function shortSeed(seed: string | undefined): number | string | undefined {
  if (seed === undefined) return undefined;
  if (seed.length <= LONGEST_SEED) return seedOf(seed);
  throw InputError.of('is too long for a seed', `write at most ${LONGEST_SEED} characters`, {
    path: '--seed',
  });
}
