import { InputError, ProblemList } from '../../base/problem.js';
import { parsePbtxt } from '../pbtxt/parser.js';
import type { ConfigSource } from './config-source.js';
import { MODEL_CONFIG } from './fields.js';
import { readMessage } from './read-message.js';

/**
 * Reads the text of a `config.pbtxt`. Undefined when it could not be read; everything wrong goes to
 * `problems`.
 */
export function readModelConfigText(
  text: string,
  file: string,
  problems: ProblemList,
): ConfigSource | undefined {
  const found = new ProblemList({ file });
  try {
    const { value, placeOf } = readMessage(MODEL_CONFIG, parsePbtxt(text, file), found);
    if (found.problems.length === 0) {
      return { fields: value, placeOf: (path) => ({ file, ...placeOf(path) }) };
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const problem of error.problems) found.add(problem);
  }
  for (const problem of found.problems) problems.add(problem);
  return undefined;
}
