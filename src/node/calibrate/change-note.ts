import { InputError } from '../../base/problem.js';
import { type InferenceClient, LiveError } from '../../live/inference-client.js';
import { type FoundModel, giveModelBack, isAsFound } from '../../live/reload-model.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { parseOwn } from '../files/parse-own.js';
import { readTextIfPresent } from '../files/read-text.js';
import { remove } from '../output/file-steps.js';

export interface ChangedModel extends FoundModel {
  readonly url: string;
}

/**
 * A file that is there only while models are unloaded, or loaded under other configurations than they were found in: a line for
 * each, so that whoever comes after a process that was killed can give them back.
 */
export interface ChangeNote {
  readonly file: string;
  /** The command that changes them. */
  readonly by: 'calibrate' | 'tune';
}

const WORK = { calibrate: 'a calibration', tune: 'a live confirmation' } as const;

/** Notes which models are temporarily changed now: all of them, none where all were restored. */
export async function noteChanged({ file }: ChangeNote, models: readonly ChangedModel[]): Promise<void> {
  if (models.length === 0) return remove(file);
  await writeFileAtomically(file, models.map((model) => `${JSON.stringify(model)}\n`).join(''));
}

/**
 * Restores the models that a process had changed when it was killed; the note of those is gone then. All are tried.
 * @returns the models that were not as they had been found
 * @throws InputError when some were on another server; LiveError when a server refuses
 */
export async function restoreNoted(
  note: ChangeNote,
  clients: readonly InferenceClient[],
): Promise<readonly ChangedModel[]> {
  const models = await readNote(note);
  if (models.length === 0) return [];
  const clientOf = ({ url }: ChangedModel) => clients.find((client) => client.url === url);
  const elsewhere = models.find((model) => clientOf(model) === undefined);
  if (elsewhere !== undefined) throw changedElsewhere(elsewhere, note);
  const kept: ChangedModel[] = [];
  const given: ChangedModel[] = [];
  const errors: unknown[] = [];
  for (const model of models) {
    const { url: _, ...found } = model;
    const client = clientOf(model)!;
    try {
      // A process may be killed before it has done anything, or once it has given a model back.
      if (await isAsFound(client, found)) continue;
      await giveModelBack(client, found);
      given.push(model);
    } catch (error) {
      kept.push(model);
      errors.push(error);
    }
  }
  await noteChanged(note, kept);
  if (kept.length > 0) throw notGivenBack(kept, errors[0], note);
  return given;
}

async function readNote({ file, by }: ChangeNote): Promise<ChangedModel[]> {
  const text = (await readTextIfPresent(file)) ?? '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) =>
      parseOwn<ChangedModel>(line, file, {
        by,
        has: ({ url, name }) => typeof url === 'string' && typeof name === 'string',
        remedy: 'make sure that the models of the server are as they should be, and delete the file',
      }),
    );
}

function changedElsewhere({ url, name }: ChangedModel, { file, by }: ChangeNote): InputError {
  return InputError.of(
    `"${name}" of ${url} is not as it was found there: ${WORK[by]} was killed meanwhile`,
    `${by} with --url ${url}, which gives it back first, or delete this file`,
    { file },
  );
}

function notGivenBack(kept: readonly ChangedModel[], error: unknown, { file, by }: ChangeNote): unknown {
  if (!(error instanceof LiveError)) return error;
  const names = kept.map(({ name }) => `"${name}"`).join(', ');
  const [are, they] = kept.length === 1 ? ['is', 'it was'] : ['are', 'they were'];
  const remedy =
    kept.length === 1
      ? `where the model is gone for good, delete ${file}`
      : `where a model is gone for good, delete its line in ${file}`;
  return new LiveError(
    error.kind,
    `${names} ${are} not as ${they} found, as ${WORK[by]} was killed meanwhile, and cannot be given back: ${error.message}`,
    `${error.remedy}; ${remedy}`,
  );
}
