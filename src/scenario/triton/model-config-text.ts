import { ProblemList, problemsOf } from '../../base/problem.js';
import { parsePbtxt } from '../pbtxt/parser.js';
import type { ConfigSource } from './config-source.js';
import { MODEL_CONFIG } from './fields.js';
import { readMessage } from './read-message.js';

/**
 * Reads the text of a `config.pbtxt`. Undefined when it is no text of that kind; everything wrong goes to
 * `problems`.
 */
export function readModelConfigText(
  text: string,
  file: string,
  problems: ProblemList,
): ConfigSource | undefined {
  const found = new ProblemList({ file });
  const source = readSource(text, file, found);
  for (const problem of found.problems) problems.add(problem);
  if (source === undefined || found.problems.length === 0) return source;
  return { ...source, broken: new Set(found.problems.map(({ path = '' }) => /^[^.[]*/.exec(path)![0])) };
}

function readSource(text: string, file: string, problems: ProblemList): ConfigSource | undefined {
  try {
    const { value, placeOf } = readMessage(MODEL_CONFIG, parsePbtxt(text, file), problems);
    return { fields: value, placeOf: (path) => ({ file, ...placeOf(path) }) };
  } catch (error) {
    for (const problem of problemsOf(error)) problems.add(problem);
    return undefined;
  }
}
