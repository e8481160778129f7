import { basename } from 'node:path';
import { ProblemList } from '../../base/problem.js';

/**
 * Reads the two sides of a comparison, each under its last name, or under its path where those are equal.
 * @throws InputError with everything that is wrong in either
 */
export async function readBoth<Side>(
  a: string,
  b: string,
  read: (path: string, name: string) => Promise<Side>,
): Promise<readonly [Side, Side]> {
  const problems = new ProblemList();
  const [nameA, nameB] = basename(a) === basename(b) ? [a, b] : [basename(a), basename(b)];
  const first = await problems.attemptLater(() => read(a, nameA));
  const second = await problems.attemptLater(() => read(b, nameB));
  problems.throwIfAny();
  return [first!, second!];
}
