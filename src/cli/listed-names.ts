import { InputError } from '../base/problem.js';

/**
 * Names with commas between them; a comma in a name is written `\,`.
 * @throws InputError on an empty or repeated one
 */
export function listedNames(option: string, text: string): readonly string[] {
  const names = text.split(/(?<!\\),/).map((name) => name.trim().replaceAll('\\,', ','));
  if (!names.includes('') && new Set(names).size === names.length) return names;
  const what = `"${text}" has an empty or repeated name`;
  throw InputError.of(what, 'write names with commas between them', { path: option });
}
