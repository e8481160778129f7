import { REPOSITORIES } from '../../emit/emit.js';
import { PLACEMENT_HEADER } from '../../emit/placement-csv.js';
import type { ResultKind } from '../output/own-content.js';
import { requireResultFolder } from '../output/result-folder.js';

const FILES = ['scenario.yaml', 'placement.csv'];

export const EMITTED: ResultKind = {
  command: 'emit',
  older: {
    proof: { file: 'placement.csv', begins: new RegExp(`^${PLACEMENT_HEADER}\\r?\\n`) },
    always: FILES,
    wrote: (name, isLink) =>
      isLink
        ? new RegExp(`^${REPOSITORIES}/[^/]+/[^/]+/\\d+$`).test(name)
        : FILES.includes(name) ||
          /^kubernetes\/[^/]+\.yaml$/.test(name) ||
          new RegExp(`^${REPOSITORIES}/[^/]+/[^/]+/config\\.pbtxt$`).test(name),
  },
};

/**
 * Makes sure that a placement may be written to a folder: its name is free, the folder is empty, or it holds
 * nothing but what an earlier emit wrote, which is then replaced. `option` is what names it.
 * @throws InputError when there is anything else in it, model files put there or changed since included, or the
 *   place cannot be written
 */
export function requireEmitFolder(path: string, option: '--emit' | '--out' = '--emit'): Promise<void> {
  return requireResultFolder(option, path, EMITTED);
}
