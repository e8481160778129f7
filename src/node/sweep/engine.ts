import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../runs/package-facts.js';

/** Folders of the code that decides a figure. */
const DECIDING = ['base', 'trace', 'profile', 'scenario', 'simulator', 'metrics', 'measure', 'cost', 'sweep'];

/**
 * Names the program that simulates: the version, and a hash of the code that decides figures, so that
 * results of a changed simulator are never taken for its own.
 */
export function engine(): string {
  known ??= `${version()}+${codeHash()}`;
  return known;
}

let known: string | undefined;

function codeHash(): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const hash = createHash('sha256');
  for (const folder of DECIDING) {
    for (const file of filesBelow(join(root, folder))) {
      // Line ends may differ between check-outs.
      hash.update(file.slice(root.length)).update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.(js|ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
