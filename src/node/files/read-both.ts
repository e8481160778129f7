import { basename } from 'node:path';
import { ProblemList, problemsOf } from '../../base/problem.js';

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
  const attempt = async (path: string, name: string) => {
    try {
      return await read(path, name);
    } catch (error) {
      for (const problem of problemsOf(error)) problems.add(problem);
      return undefined;
    }
  };
  const [nameA, nameB] = basename(a) === basename(b) ? [a, b] : [basename(a), basename(b)];
  const [first, second] = [await attempt(a, nameA), await attempt(b, nameB)];
  problems.throwIfAny();
  return [first!, second!];
}
