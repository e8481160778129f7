import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { given } from '../../../base/given.js';
import { InputError, problemsOf } from '../../../base/problem.js';
import {
  CONFIG_FILE,
  type ModelFolder,
  type ModelVersion,
  versionOf,
} from '../../../scenario/repository/model-folder.js';
import { isImported } from '../../../scenario/repository/python-calls.js';
import { isFile } from '../../files/exists.js';
import { asUnreadable, readTextIfPresent } from '../../files/read-text.js';
import { openToRead } from '../../output/file-steps.js';
import { foldersIn } from '../model-repository.js';

/** Models may lie in a folder of repositories, which is looked through as deep as people nest such folders. */
const DEEPEST = 4;
/** More folders than any repository has; who names a home folder by mistake need not wait. */
const MOST_FOLDERS = 20_000;

/**
 * Every folder that looks like a model, in a model repository or in the repositories below a folder, by path.
 * @throws InputError where it cannot be read, or is far larger than any repository
 */
export async function readRepository(repository: string): Promise<readonly ModelFolder[]> {
  const found: ModelFolder[] = [];
  let open: readonly string[] = [repository];
  let looked = 0;
  for (let depth = 0; depth < DEEPEST && open.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of open) {
      for (const name of await foldersIn(folder)) {
        if (++looked > MOST_FOLDERS)
          throw InputError.of(`there are more than ${MOST_FOLDERS} folders`, 'name a model repository', {
            file: repository,
          });
        const path = join(folder, name);
        const model = await readModel(path, name);
        if (model === undefined) next.push(path);
        else found.push(model);
      }
    }
    open = next;
  }
  return found;
}

/** Undefined where the folder is no model. What cannot be read in it is kept: the others can do without it. */
async function readModel(path: string, name: string): Promise<ModelFolder | undefined> {
  try {
    const config = await readTextIfPresent(join(path, CONFIG_FILE));
    const versions = (await foldersIn(path)).flatMap((folder) => versionOf(folder) ?? []);
    if (config === undefined && versions.length === 0) return undefined;
    versions.sort((a, b) => a - b);
    const template = config === undefined ? (await readdir(path)).sort().find(isTemplate) : undefined;
    return {
      name,
      path,
      ...given({ config, template }),
      versions: await Promise.all(
        versions.map((version) => readVersion(join(path, String(version)), version)),
      ),
    };
  } catch (error) {
    return { name, path, versions: [], problems: problemsOf(error).map((problem) => within(problem, path)) };
  }
}

/** As people call what they make a config.pbtxt of: config_template.pbtxt, config.pbtxt.j2. */
function isTemplate(file: string): boolean {
  return /^config(?:\w*template\w*\.pbtxt|\.pbtxt\.(?:in|j2|jinja2?|template|tmpl|tpl))$/i.test(file);
}

/** Files are named from the folder of the model. */
function within<P extends { readonly file?: string }>(problem: P, path: string): P {
  const { file } = problem;
  return file?.startsWith(`${path}/`) === true ? { ...problem, file: file.slice(path.length + 1) } : problem;
}

async function readVersion(path: string, version: number): Promise<ModelVersion> {
  try {
    const files = (await readdir(path)).sort();
    const [python, settings] = await Promise.all(
      [PYTHON, SETTINGS].map(async (name) => {
        const file = join(path, name);
        return (await isFile(file)) ? headOf(file) : undefined;
      }),
    );
    return {
      version,
      files,
      ...(python !== undefined && { python: await withImported(path, files, python) }),
      ...(settings !== undefined && { settings }),
    };
  } catch (error) {
    throw asUnreadable(error, join(path, PYTHON));
  }
}

/** A model.py with the files that it imports from beside it, or from a folder there. */
async function withImported(path: string, files: readonly string[], python: string): Promise<string> {
  const folders = await foldersIn(path);
  const inside = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(path, folder))).sort().map((name) => join(folder, name)),
    ),
  );
  const imported = [...files, ...inside.flat()].filter((name) => name !== PYTHON && isImported(python, name));
  return [python, ...(await Promise.all(imported.map((name) => headOf(join(path, name)))))].join('\n');
}

const PYTHON = 'model.py';
const SETTINGS = 'model.json';

/** Far longer than any model.py that people write; a file that is no program is not read whole. */
const MOST_BYTES = 1 << 20;

async function headOf(file: string): Promise<string> {
  const handle = await openToRead(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(MOST_BYTES), position: 0 });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
