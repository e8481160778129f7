import { join } from 'node:path';
import { parsedJson } from '../../base/json.js';
import { InputError } from '../../base/problem.js';
import type { RunSnapshot } from '../../diff/snapshot.js';
import type { SweepSnapshot } from '../../diff/sweep-points.js';
import { parseReport } from '../../report/json.js';
import type { RunReport } from '../../report/run-report.js';
import type { RequestLog } from '../../trace/request-log.js';
import { decodeText } from '../files/decode-text.js';
import { exists, isFolder } from '../files/exists.js';
import { readBoth } from '../files/read-both.js';
import { readBytesIfPresent } from '../files/read-text.js';
import { nameByContent } from '../scenario/scenario-sources.js';

/**
 * Reads two runs to be compared: run folders (`perseus simulate --out`) or reports (`--json`).
 * @throws InputError with everything that is wrong in either
 */
export async function readSnapshots(a: string, b: string): Promise<readonly [RunSnapshot, RunSnapshot]> {
  const [first, second] = await readBoth(a, b, readSnapshot);
  if (first.scenario === undefined || second.scenario === undefined) return [first, second];
  const [scenarioA, scenarioB] = await nameByContent(
    { folder: a, scenario: first.scenario },
    { folder: b, scenario: second.scenario },
  );
  return [
    { ...first, scenario: scenarioA },
    { ...second, scenario: scenarioB },
  ];
}

export type DiffPair =
  | { readonly kind: 'runs'; readonly a: RunSnapshot; readonly b: RunSnapshot }
  | { readonly kind: 'sweeps'; readonly a: SweepSnapshot; readonly b: SweepSnapshot };

/**
 * Reads what the two paths hold.
 * @throws InputError with everything that is wrong in either, and where one is a run and one a sweep
 */
export async function readPair(pathA: string, pathB: string): Promise<DiffPair> {
  const { isSweep, readSweeps } = await import('./diff-sweeps.js');
  const [sweepA, sweepB] = [await isSweep(pathA), await isSweep(pathB)];
  if (sweepA && sweepB) {
    const [a, b] = await readSweeps(pathA, pathB);
    return { kind: 'sweeps', a, b };
  }
  if ((sweepA || sweepB) && (await exists(sweepA ? pathB : pathA))) {
    const [sweep, other] = sweepA ? [pathA, pathB] : [pathB, pathA];
    throw InputError.of(`it is no sweep, but ${sweep} is`, 'compare two sweeps or two runs', { file: other });
  }
  const [a, b] = await readSnapshots(pathA, pathB);
  return { kind: 'runs', a, b };
}

async function readSnapshot(path: string, name: string): Promise<RunSnapshot> {
  if (!(await isFolder(path))) return { name, report: await readReport(path) };
  const report = await readReport(join(path, 'report.json'));
  const log = await readLog(path);
  const scenario = await readScenario(join(path, 'scenario.json'));
  return { name, report, ...(log && { log }), ...(scenario === undefined ? {} : { scenario }) };
}

/**
 * Reads a report as --json and run folders have it.
 * @throws InputError where there is none
 */
export async function readReport(file: string): Promise<RunReport> {
  const bytes = await readBytesIfPresent(file);
  if (bytes === undefined) {
    throw InputError.of(
      'there is no report',
      'name a folder written by perseus simulate --out, or a report written with --json',
      { file },
    );
  }
  const text = decodeText(bytes, file);
  // A text that is no JSON at all would be told at every line of it.
  if (parsedJson(text) === undefined) {
    throw InputError.of(
      'this is no report of perseus: it is not JSON',
      'name a folder written by perseus simulate --out, or a report written with --json',
      { file },
    );
  }
  return parseReport(text, { file });
}

/** Its requests alone: what is compared is when clients had their responses. */
async function readLog(folder: string): Promise<RequestLog | undefined> {
  const file = join(folder, 'requests.arrow');
  const bytes = await readBytesIfPresent(file);
  if (bytes === undefined) return undefined;
  const { requestLogFromArrow } = await import('../../trace/log-table/request-log-arrow.js');
  return requestLogFromArrow({ bytes, file });
}

async function readScenario(file: string): Promise<unknown> {
  const bytes = await readBytesIfPresent(file);
  if (bytes === undefined) return undefined;
  const scenario = parsedJson(decodeText(bytes, file));
  if (scenario !== undefined) return scenario;
  throw InputError.of('this is not JSON', 'write the run folder again', { file });
}
