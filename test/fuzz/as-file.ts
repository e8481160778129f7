import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { InputError } from '../../src/base/problem.js';
import { INPUT_FILE } from './family.js';

const folder = join(tmpdir(), `perseus-fuzz-${process.pid}-${threadId}`);
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A folder of this thread alone, which is there. */
export function ownFolder(): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Reads an input through a file of that name, as the command line does; its problems name {@link INPUT_FILE}, as every
 * family's do.
 */
export async function readAsFile<T>(
  input: Uint8Array | string,
  name: string,
  read: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(ownFolder(), name);
  try {
    writeFileSync(path, input);
    return await read(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const renamed = (file: string | undefined) => (file === path ? INPUT_FILE : file);
    throw new InputError(
      error.problems.map(({ file, ...problem }) => {
        const named = renamed(file);
        return named === undefined ? problem : { ...problem, file: named };
      }),
    );
  } finally {
    rmSync(path, { force: true });
  }
}
