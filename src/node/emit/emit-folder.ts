import { requireResultFolder } from '../output/result-folder.js';

/** The command that a folder names in its record. */
export const EMITTED = 'emit';

/**
 * Makes sure that a placement may be written to a folder: its name is free, the folder is empty, or it holds
 * nothing but what an earlier emit wrote, which is then replaced. `option` is what names it.
 * @throws InputError when there is anything else in it, model files put there or changed since included, or the
 *   place cannot be written
 */
export function requireEmitFolder(path: string, option: '--emit' | '--out' = '--emit'): Promise<void> {
  return requireResultFolder(option, path, EMITTED);
}
