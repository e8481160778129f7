import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv, InferredOptionTypes } from 'yargs';
import { InputError, readAll } from '../../../base/problem.js';
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
  const [, durationS, warmUpS] = readAll(
    [
      () => requireSeed(seed),
      () => (duration === undefined ? undefined : secondsOf('--duration', duration)),
      () => (warmUp === undefined ? undefined : secondsOf('--warm-up', warmUp, true)),
    ],
    (read) => read(),
  );
  return {
    ...(seed === undefined ? {} : { seed: seedOf(seed) }),
    ...(durationS === undefined ? {} : { durationS }),
    ...(warmUpS === undefined ? {} : { warmUpS }),
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
