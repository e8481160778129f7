import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** What comes with perseus for its own Triton: requirements, models, helpers in Python. */
export const SOURCES = join(root, 'triton');

/**
 * Where Triton and all that belongs to it is put: the folder given, or that of the environment variable
 * PERSEUS_TRITON_DIR, which several checkouts may share, or `.triton/` of this checkout.
 */
export function tritonFolder(given?: string): string {
  return resolve(given ?? (process.env['PERSEUS_TRITON_DIR'] || join(root, '.triton')));
}
