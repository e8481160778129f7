import { resolve } from 'node:path';
import { InputError, ProblemList } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import { readModelConfigText } from '../../scenario/triton/model-config-text.js';
import { copyPlain, isRecord, type Plain, type PlainRecord } from '../../sweep/plain.js';
import { readText } from '../files/read-text.js';

/** Model configurations that axes name by their files: read once, and put in the place of the name. */
export class NamedConfigs {
  readonly #folder: string;
  readonly #read = new Map<string, Promise<Plain>>();

  /** @param folder that paths are relative to */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws InputError where a file cannot be read or is no configuration */
  async inlineIn(document: PlainRecord): Promise<void> {
    const { servers } = document;
    for (const server of records(servers)) {
      for (const model of records(server['models'])) {
        const { config } = model;
        if (typeof config === 'string') model['config'] = copyPlain(await this.#fieldsOf(config));
      }
    }
  }

  #fieldsOf(path: string): Promise<Plain> {
    const file = resolve(this.#folder, path);
    return remembered(this.#read, file, () => readFields(file));
  }
}

async function readFields(file: string): Promise<Plain> {
  const problems = new ProblemList();
  const source = readModelConfigText(await readText(file), file, problems);
  problems.throwIfAny();
  if (source === undefined)
    throw InputError.of('it is no model configuration', 'name a config.pbtxt', { file });
  return copyPlain(source.fields);
}

function records(value: Plain | undefined): PlainRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
