import { resolve } from 'node:path';
import type { Path } from '../../base/path.js';
import { InputError, type Place, type Problem, ProblemList } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import { readModelConfigText } from '../../scenario/triton/model-config-text.js';
import { copyPlain, type Plain, type PlainRecord, recordsAt } from '../../sweep/plain.js';
import { readNamed, readText } from '../files/read-text.js';

/** Model configurations that a scenario or an axis names by their files: read once, and put in the place of the name. */
export class NamedConfigs {
  readonly #folder: string;
  readonly #read = new Map<string, Promise<Plain>>();

  /** @param folder that paths are relative to */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns what is wrong with the files, at the places where the document names them */
  async inlineIn(document: PlainRecord, positionOf?: (path: Path) => Place): Promise<readonly Problem[]> {
    const problems = new ProblemList();
    for (const [s, server] of recordsAt(document, 'servers').entries()) {
      for (const [m, model] of recordsAt(server, 'models').entries()) {
        const { config } = model;
        if (typeof config !== 'string') continue;
        const place = positionOf?.(['servers', s, 'models', m, 'config']);
        const fields = await problems.attemptLater(() => this.#fieldsOf(config, place));
        if (fields !== undefined) model['config'] = copyPlain(fields);
      }
    }
    return problems.problems;
  }

  #fieldsOf(path: string, place: Place | undefined): Promise<Plain> {
    const file = resolve(this.#folder, path);
    return remembered(this.#read, file, () => readFields(file, place));
  }
}

async function readFields(file: string, place: Place | undefined): Promise<Plain> {
  const problems = new ProblemList();
  const text = await (place === undefined ? readText(file) : readNamed(file, place));
  const source = readModelConfigText(text, file, problems);
  problems.throwIfAny();
  if (source === undefined)
    throw InputError.of('it is no model configuration', 'name a config.pbtxt', { file });
  return copyPlain(source.fields);
}
