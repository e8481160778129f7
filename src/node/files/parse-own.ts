import { isObject, parsedJson } from '../../base/json.js';
import { InputError } from '../../base/problem.js';

export interface OwnFile {
  readonly by: 'calibrate' | 'tune';
  /** Whether the parts are there without which nothing works. */
  readonly has: (content: Record<string, unknown>) => boolean;
  readonly remedy: string;
}

/**
 * Our own files are written whole; one that is not JSON, or holds something else, was changed by somebody.
 * @throws InputError with the remedy
 */
export function parseOwn<Content>(text: string, file: string, { by, has, remedy }: OwnFile): Content {
  const content = parsedJson(text);
  if (content === undefined) throw InputError.of('this is no JSON', remedy, { file });
  if (isObject(content) && has(content)) return content as Content;
  throw InputError.of(`this was not written by ${by}`, remedy, { file });
}
