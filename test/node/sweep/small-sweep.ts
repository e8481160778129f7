import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inlineRunner } from '../../../src/node/sweep/inline-runner.js';
import { type PreparedSweep, prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { runSweep, type SweepOptions } from '../../../src/node/sweep/run-sweep.js';
import { type SmallScenario, smallScenario } from '../../cli/small-scenario.js';

/** A sweep of twelve points over the small scenario, each of which takes some milliseconds. */
export const SMALL_SWEEP = `perseus: 1
name: small
scenario: small.yaml
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 8]}
  - {name: sharing, vary: sharing, values: [streams, exclusive]}
  - {name: load, vary: loadScale, values: [0.5, 1, 1.5]}
`;

/** The folder of a small scenario with a sweep over it. */
export function smallSweep(text = SMALL_SWEEP): SmallScenario & { readonly sweep: string } {
  const small = smallScenario();
  return { ...small, sweep: small.write('sweep.yaml', text) };
}

/** Prepares and runs a sweep, in this thread unless told otherwise. */
export async function runInline(file: string, out: string, options: Partial<SweepOptions> = {}) {
  const sweep: PreparedSweep = await prepareSweep(file);
  return runSweep(sweep, { out, runner: inlineRunner(sweep.library), ...options });
}

/** Every file below a folder with a hash of its bytes, but for what killed processes left behind. */
export function bytesBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !path.includes('.tmp'));
  return Object.fromEntries(
    files
      .sort()
      .map((path) => [
        path.slice(folder.length + 1),
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      ]),
  );
}
