import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { whyUnreadable } from '../files/read-text.js';
import { openToRead } from '../output/file-steps.js';
import { foldersIn } from './model-repository.js';

/** What a simulation leaves out of a Python model that calls other models (business logic scripting). */
const CALLS =
  'its model.py calls other models: neither the load that it puts on them nor its waiting for them is simulated; give them that load by a tenant of their own';

/** `pb_utils.InferenceRequest(`, not behind the sign of a comment. */
const CALL = /^[^#\n]*\bInferenceRequest\s*\(/m;

/** Far longer than any model.py that people write; a file that is no program is not read whole. */
const MOST_BYTES = 1 << 20;

/**
 * What must be said of a model whose Python code calls others, by the `model.py` of its versions. Undefined where none does.
 * @param folder of the model in its repository
 */
export async function remarkOnCalls(folder: string): Promise<string | undefined> {
  for (const version of await foldersIn(folder)) {
    if (!/^\d+$/.test(version)) continue;
    try {
      if (CALL.test(await headOf(join(folder, version, 'model.py')))) return CALLS;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return `whether it calls other models is not known: ${version}/model.py: ${whyUnreadable(code)}`;
    }
  }
  return undefined;
}

/** The beginning of a file's text; nothing of what is no file. */
async function headOf(file: string): Promise<string> {
  if (!(await isFile(file))) return '';
  const handle = await openToRead(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(MOST_BYTES), position: 0 });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
