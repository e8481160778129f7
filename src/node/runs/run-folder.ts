import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../../base/problem.js';
import { STANDARD_INPUT } from '../../base/standard-input.js';
import { withWholeConfigs } from '../../emit/config-file.js';
import type { PageAnswer } from '../../page/page-answer.js';
import { devicesToCsv, tenantsToCsv } from '../../report/csv.js';
import { reportToJson } from '../../report/json.js';
import { resultHash } from '../../report/result-hash.js';
import type { RunReport, TrustNote } from '../../report/run-report.js';
import { reportToText } from '../../report/text.js';
import { resolveSpec } from '../../scenario/resolve-spec.js';
import { callsToArrow, requestsToArrow } from '../../trace/log-table/request-log-arrow.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { readText } from '../files/read-text.js';
import { writeResultFolder } from '../output/result-folder.js';
import { carriedInputs, copyInputs } from './carried-inputs.js';
import type { ScenarioRun } from './run-scenario.js';

export async function writeHtml(path: string, report: RunReport, options: TrustNote = {}): Promise<void> {
  const { reportToHtml } = await import('../../report/html/page.js');
  await writeFileAtomically(path, reportToHtml(report, options));
}

/**
 * Writes everything about a run into a folder of its own: reports, every request and call of the first
 * replication, and the scenario with all defaults filled in beside the file it came from. With it go the profiles and traces that it
 * names, so that it can be simulated wherever the folder is carried.
 *
 * @returns the traces that are too large to go with it
 * @throws InputError where the run kept no log; nothing is written then
 */
export async function writeRunFolder(
  path: string,
  run: ScenarioRun,
  options: TrustNote = {},
): Promise<readonly string[]> {
  const { report, loaded, log } = run;
  if (log === undefined)
    throw InputError.of('this run kept no log', 'call runScenario with { log: true }', { file: path });
  const { reportToHtml } = await import('../../report/html/page.js');
  const { packedPage } = await import('../page/make-page.js');
  const page = await packedPage(loaded, answerOf(run));
  const inputs = await carriedInputs(loaded, report.provenance.scenarioFile, path);
  await writeResultFolder(path, 'simulate', async (folder) => {
    await folder.write(REPORT, reportToJson(report));
    await folder.write('report.txt', reportToText(report, options));
    await folder.write('report.html', reportToHtml(report, { ...options, page }));
    await folder.write('tenants.csv', tenantsToCsv(report));
    await folder.write('devices.csv', devicesToCsv(report));
    await folder.write('requests.arrow', requestsToArrow(log));
    await folder.write(CALLS, callsToArrow(log));
    const resolved = resolveSpec(loaded.spec, loaded.scenario, {
      ...inputs.paths,
      ...withWholeConfigs(loaded.resources.configs),
    });
    await folder.write('scenario.json', `${JSON.stringify(resolved, null, 2)}\n`);
    const { scenarioFile } = report.provenance;
    const source = scenarioFile === STANDARD_INPUT ? 'scenario.yaml' : basename(scenarioFile);
    await folder.write(
      `source/${source}`,
      scenarioFile === STANDARD_INPUT ? await readText(scenarioFile) : await readFile(scenarioFile),
    );
    await copyInputs(folder, inputs);
  });
  return inputs.left;
}

/** The page simulates under one seed, as a run without replications does. */
function answerOf({ report, runs }: ScenarioRun): PageAnswer | undefined {
  return runs.length > 1 ? undefined : { report, hash: resultHash(report.summary), isWhole: true };
}

const REPORT = 'report.json';
const CALLS = 'requests.calls.arrow';
