import type { Argv, InferredOptionTypes } from 'yargs';

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

/** What the options set in place of the file. */
export function overridesOf(args: ScenarioArguments) {
  return {
    ...(args.seed === undefined ? {} : { seed: seedOf(args.seed) }),
    ...(args.duration === undefined ? {} : { durationS: args.duration }),
    ...(args['warm-up'] === undefined ? {} : { warmUpS: args['warm-up'] }),
  };
}

/** A seed that is a number stays one, so that `--seed 1` and `seed: 1` in a file are the same. */
function seedOf(text: string): number | string {
  const number = Number(text);
  return text.trim() !== '' && Number.isSafeInteger(number) ? number : text;
}
