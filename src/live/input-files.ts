import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { checkAgainst } from '../base/document/schema-problems.js';
import { readJson } from '../base/json.js';
import { formatPath } from '../base/path.js';
import { InputError, ProblemList } from '../base/problem.js';
import type { InputElements, InputValues } from './tensor-values.js';

/** Contents, and shapes where the file gives them, by name of the input. */
export interface InputContents {
  readonly values: ReadonlyMap<string, InputValues>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads what a model's inputs shall hold, in the forms that perf_analyzer's `--input-data` takes: a folder with a
 * file of raw bytes for each input, named after it; or a JSON file, `{"INPUT0": [1, 2]}` or
 * `{"data": [{"INPUT0": {"content": [1, 2], "shape": [2]}}]}` (the first entry of several is taken), where
 * `{"b64": "…"}` stands for raw bytes. Throws an {@link InputError}.
 */
export async function readInputContents(path: string): Promise<InputContents> {
  try {
    if ((await stat(path)).isDirectory()) return await readFolder(path);
    return parseInputContents(await readFile(path, 'utf8'), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof InputError || code === undefined) throw error;
    throw InputError.of(`cannot be read (${code})`, 'name an existing JSON file or folder', { file: path });
  }
}

async function readFolder(path: string): Promise<InputContents> {
  const entries = await readdir(path, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  if (files.length === 0)
    throw InputError.of('this folder holds no files', 'put one of raw bytes for each input into it', {
      file: path,
    });
  const contents = files.sort().map(async (name) => [name, await readFile(join(path, name))] as const);
  return { values: new Map(await Promise.all(contents)), shapes: new Map() };
}

const contentsSchema = z.record(
  z.string(),
  z.union([
    z.array(z.unknown()),
    z.strictObject({ b64: z.base64(), shape: z.array(z.int()).optional() }),
    z.strictObject({
      content: z.union([z.array(z.unknown()), z.strictObject({ b64: z.base64() })]),
      shape: z.array(z.int()).optional(),
    }),
  ]),
);
const listSchema = z.object({ data: z.array(contentsSchema).min(1) });

/** Reads the JSON form; see {@link readInputContents}. Throws an {@link InputError} with all that is wrong. */
export function parseInputContents(text: string, file: string): InputContents {
  const problems = new ProblemList({ file });
  const document = readJson(text, { file }, 'write {"name of an input": [values]}');
  const isList = listSchema.safeParse(document).success;
  const entry = isList ? (document as { data: unknown[] }).data[0] : document;
  const { value = {}, problems: found } = checkAgainst(contentsSchema, entry);
  for (const { path, what, remedy = 'write a list, or {"content": […], "shape": […]}' } of found) {
    problems.add({ path: formatPath(path), what, remedy });
  }
  problems.throwIfAny();
  const tensors = Object.entries(value).map(([name, given]) => [name, readTensor(given)] as const);
  return {
    values: new Map(tensors.map(([name, { values }]) => [name, values])),
    shapes: new Map(tensors.flatMap(([name, { shape }]) => (shape === undefined ? [] : [[name, shape]]))),
  };
}

type GivenTensor = z.output<typeof contentsSchema>[string];

function readTensor(given: GivenTensor): { values: InputValues; shape?: readonly number[] } {
  if (Array.isArray(given)) return { values: given as InputElements };
  const shape = given.shape === undefined ? {} : { shape: given.shape };
  if ('b64' in given) return { values: Buffer.from(given.b64, 'base64'), ...shape };
  const { content } = given;
  return {
    values: Array.isArray(content) ? (content as InputElements) : Buffer.from(content.b64, 'base64'),
    ...shape,
  };
}
