import { InputError, type Problem, problemsOf } from '../base/problem.js';

type Results<Checks extends readonly (() => unknown)[]> = {
  readonly [Index in keyof Checks]: Awaited<ReturnType<Checks[Index]>>;
};

/**
 * Runs checks that do not depend on each other, so that the user hears of every mistake at once. Resolves to
 * what they return.
 * @throws InputError with the problems of all of them; any other error as it is
 */
export async function gatherProblems<const Checks extends readonly (() => unknown)[]>(
  ...checks: Checks
): Promise<Results<Checks>> {
  const outcomes = await Promise.allSettled(checks.map(async (check) => check()));
  const problems: Problem[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    problems.push(...problemsOf(outcome.reason));
  }
  if (problems.length > 0) throw new InputError(problems);
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as Results<Checks>;
}

/**
 * Runs checks of options as {@link gatherProblems} does. Where one finds a mistake, what the command works on is
 * read as well, so that the user hears of the mistakes in there at the same time.
 * @throws InputError with the problems of all of them; any other error as it is
 */
export async function gatherBeside<const Checks extends readonly (() => unknown)[]>(
  readInput: () => unknown,
  ...checks: Checks
): Promise<Results<Checks>> {
  try {
    return (await gatherProblems(...checks)) as Results<Checks>;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await gatherProblems(() => {
      throw error;
    }, readInput);
    throw error;
  }
}
