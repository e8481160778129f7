import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { devicesToCsv, tenantsToCsv } from '../report/csv.js';
import { reportToJson } from '../report/json.js';
import type { RunReport } from '../report/run-report.js';
import { reportToText } from '../report/text.js';
import { resolveSpec } from '../scenario/resolve-spec.js';
import { requireReplaceable, writeFileAtomically, writeFolderAtomically } from './atomic-write.js';
import { pathsFrom } from './emit-files.js';
import { writeRequestLog } from './request-log-files.js';
import type { ScenarioRun } from './run-scenario.js';

export interface TrustNote {
  /** What past validations say of predictions like this one. */
  readonly trust?: string;
}

/** The report as one self-contained HTML file. */
export async function writeHtml(path: string, report: RunReport, options: TrustNote = {}): Promise<void> {
  const { reportToHtml } = await import('../report/html/page.js');
  await writeFileAtomically(path, reportToHtml(report, options));
}

/**
 * Writes everything about a run into a folder of its own: reports, every request of the first
 * replication, and the scenario with all defaults filled in, which can be simulated from where it lies,
 * beside the file it came from.
 */
export async function writeRunFolder(path: string, run: ScenarioRun, options: TrustNote = {}): Promise<void> {
  const { report, loaded } = run;
  const { reportToHtml } = await import('../report/html/page.js');
  const paths = pathsFrom(loaded.spec, report.provenance.scenarioFile, path);
  await writeFolderAtomically(path, async (folder) => {
    await writeFile(join(folder, REPORT), reportToJson(report));
    await writeFile(join(folder, 'report.txt'), reportToText(report, options));
    await writeFile(join(folder, 'report.html'), reportToHtml(report, options));
    await writeFile(join(folder, 'tenants.csv'), tenantsToCsv(report));
    await writeFile(join(folder, 'devices.csv'), devicesToCsv(report));
    await writeRequestLog(join(folder, 'requests.arrow'), run.runs[0]!.result.log);
    const resolved = resolveSpec(loaded.spec, loaded.scenario, paths);
    await writeFile(join(folder, 'scenario.json'), `${JSON.stringify(resolved, null, 2)}\n`);
    await mkdir(join(folder, 'source'));
    await copyFile(
      report.provenance.scenarioFile,
      join(folder, 'source', basename(report.provenance.scenarioFile)),
    );
  });
}

/** Every run folder has it: by it one is told from a folder of the user. */
const REPORT = 'report.json';

/** @throws InputError when the name is taken by a folder that is no run */
export function requireRunFolder(path: string): Promise<void> {
  return requireReplaceable(path, REPORT);
}
