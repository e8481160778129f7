import { InputError, type Problem } from '../../../base/problem.js';
import type { TemplateValues } from '../../../scenario/repository/survey.js';
import { readText } from '../../files/read-text.js';

/**
 * Values of placeholders: of files with a `NAME=VALUE` in each line, and of such words, which go before.
 * @throws InputError with every word and line that is none
 */
export async function readTemplateValues(
  words: readonly string[],
  files: readonly string[],
): Promise<TemplateValues> {
  const problems: Problem[] = [];
  const values = new Map<string, string>();
  for (const file of files) {
    const lines = (await readText(file)).split(/\r?\n/);
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
      take(line.trim(), values, problems, { file, line: i + 1 });
    }
  }
  const given = new Map<string, string>();
  for (const word of words) take(word, given, problems, { path: '--set' });
  if (problems.length > 0) throw new InputError(problems);
  for (const [name, value] of given) values.set(name, value);
  return { values, mustOccur: [...given.keys()] };
}

function take(
  text: string,
  values: Map<string, string>,
  problems: Problem[],
  place: Pick<Problem, 'file' | 'line' | 'path'>,
): void {
  const [, name, value] = /^([A-Za-z_]\w*)\s*=(.*)$/s.exec(text) ?? [];
  if (name === undefined) {
    problems.push({ ...place, what: `"${text.slice(0, 80)}" is no value`, remedy: 'write NAME=VALUE' });
  } else if (values.has(name)) {
    problems.push({ ...place, what: `${name} is given more than once`, remedy: 'keep one' });
  } else values.set(name, value!.trim());
}
