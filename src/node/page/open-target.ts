import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exists } from '../files/exists.js';

/** What is opened where nothing is named. */
const EXAMPLE = fileURLToPath(new URL('../../../examples/scenarios/two-tenants.yaml', import.meta.url));

/** The scenario file of what is to be opened: the file itself, that of a run folder, or a shipped example. */
export async function scenarioFileOf(target: string | undefined): Promise<string> {
  if (target === undefined) return EXAMPLE;
  const isFolder = await stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const ofRun = join(target, 'scenario.json');
  return isFolder && (await exists(ofRun)) ? ofRun : target;
}
