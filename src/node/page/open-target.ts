import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exists, isFolder } from '../files/exists.js';
import { loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';
import { makePage } from './make-page.js';

/** What is opened where nothing is named. */
const EXAMPLE = fileURLToPath(new URL('../../../examples/scenarios/two-tenants.yaml', import.meta.url));

/** Gives the page of a path below the address, or nothing where there is none. The first page has the empty path. */
export type Pages = (path: string) => Promise<string | undefined>;

/**
 * The pages of a scenario file or a run folder: its what-if page. Of a folder of a sweep or a plan: its report, whose
 * scenarios open as what-if pages.
 * @throws InputError where the scenario cannot be simulated
 */
export async function pagesOf(
  target: string | undefined,
  overrides: ScenarioOverrides,
  say: (text: string) => void,
): Promise<Pages> {
  const pageOf = async (file: string) => (await makePage(await loadScenario(file, overrides), say)).page;
  if (target === undefined || !(await isFolder(target))) return only(await pageOf(target ?? EXAMPLE));
  const ofRun = join(target, 'scenario.json');
  const ofResults = join(target, 'report.html');
  if ((await exists(ofRun)) || !(await exists(ofResults))) return only(await pageOf(ofRun));
  const report = await readFile(ofResults, 'utf8');
  // Nothing else of the folder is given away.
  const linked = new Set([...report.matchAll(/<a href="([\w./-]+)"/g)].map(([, path]) => path!));
  return async (path) => {
    if (path === '') return report;
    return linked.has(path) && !path.includes('..') ? pageOf(join(target, path)) : undefined;
  };
}

function only(page: string): Pages {
  return async (path) => (path === '' ? page : undefined);
}
