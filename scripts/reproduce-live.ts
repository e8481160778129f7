import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceClient } from '../src/live/inference-client.js';
import type { LiveRun } from '../src/live/run-live.js';
import { readObservations } from '../src/node/calibrate/calibration-folder.js';
import { compareWithLive } from '../src/node/calibrate/validate-scenario.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import type { Scenario } from '../src/scenario/scenario.js';
import { validationPoints } from '../src/validate/report.js';
import { compareWithEarlier, type MeasuredAgain } from './live/again.js';
import { calibrateSet, calibrationFolder } from './live/calibrate-set.js';
import type { CaseReport } from './live/judged-figures.js';
import { keptOrPlayed } from './live/kept-runs.js';
import { LIVE_SETS } from './live/live-set.js';
import { machineSpeeds } from './live/machine-speed.js';
import { resultsMarkdown } from './live/results.js';
import { LIVE_CASES, type LiveCase } from './live/scenarios.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';
import { onServer } from './triton/on-server.js';
import { writeRepository } from './triton/write-repository.js';

const RESULTS = 'results/live';
const PUBLISHED = 'calibration/cpu-sample';
const SET = LIVE_SETS.sample;
/** Live runs and points as they were measured; not part of the repository. */
const KEPT = SET.kept;
const CALIBRATION = calibrationFolder(SET);
const REPEATS = 3;
/** Numbers of the runs of a case: those that are compared with the simulation, and those of `--again`. */
const FIRST = Array.from({ length: REPEATS }, (_, i) => i + 1);
const SECOND = FIRST.map((repeat) => REPEATS + repeat);
const REPLICATIONS = 8;

const USAGE = `usage: npm run reproduce:live -- [--json FILE] [--only TEXT] [--fresh] [--again]
  --json FILE   also write all points as JSON
  --only TEXT   only cases whose name holds this text
  --fresh       measure everything again; otherwise what ${KEPT} holds is kept
  --again       then measure every case ${REPEATS} more times, and say how well the first runs predict the second
Needs npm run triton -- setup. Takes about 30 minutes on a quiet machine, with --again 45.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    only: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
  });
  const installation = requireInstallation();
  if (values.fresh) await rm(KEPT, { recursive: true, force: true });
  await mkdir(KEPT, { recursive: true });
  const repository = join(KEPT, 'repository');
  await writeRepository(repository, [...SET.calibrated, ...SET.variants], installation);
  const logFile = join(KEPT, 'server.log');
  await onServer({ installation, repository, logFile }, async (client) => {
    const calibrated = await calibrateSet(SET, client);
    say(calibrated.report);
    const cases = LIVE_CASES.filter(({ name }) => name.includes(values.only ?? ''));
    const prepared = await prepare(cases, client);
    const measured = await measure(prepared, client, FIRST);
    const reports = compare(measured);
    const again = values.again ? compareAgain(measured, await measure(prepared, client, SECOND)) : undefined;
    const speeds = machineSpeeds(measured, await readObservations(CALIBRATION));
    const text = resultsMarkdown(reports, speeds, { calibration: calibrated.report, again });
    await publish(reports, text, values);
    process.stdout.write(text);
  });
}

interface PreparedCase {
  readonly live: LiveCase;
  readonly scenario: Scenario;
}

interface MeasuredCase extends PreparedCase {
  readonly runs: readonly LiveRun[];
}

async function prepare(cases: readonly LiveCase[], client: InferenceClient): Promise<PreparedCase[]> {
  const prepared = [];
  for (const live of cases) {
    const file = await writeScenario(
      join(KEPT, 'scenarios'),
      { profiles: '../calibration', variants: SET.variants },
      live,
      client,
    );
    prepared.push({ live, scenario: (await loadScenario(file)).scenario });
  }
  return prepared;
}

/**
 * All cases one after the other, and again: what changes on the machine meets all of them.
 * @throws LiveError where a run is no measurement; it is not kept
 */
async function measure(
  cases: readonly PreparedCase[],
  client: InferenceClient,
  repeats: readonly number[],
): Promise<MeasuredCase[]> {
  const measured = cases.map((each) => ({ ...each, runs: [] as LiveRun[] }));
  for (const repeat of repeats) {
    for (const { live, scenario, runs } of measured) {
      const name = `${fileName(live.name)}-${repeat}`;
      const onPlay = () => say(`live run ${repeat} of ${repeats.at(-1)}: ${live.name}`);
      runs.push(await keptOrPlayed(KEPT, name, { scenario, client, onPlay }));
    }
  }
  return measured;
}

function compare(measured: readonly MeasuredCase[]): CaseReport[] {
  return measured.map(({ live, scenario, runs }) => ({
    live,
    report: compareWithLive(scenario, runs, { replications: REPLICATIONS }),
    health: runs.map(({ generator }) => generator),
  }));
}

/** @param first the same cases in the same order, measured before */
function compareAgain(first: readonly MeasuredCase[], second: readonly MeasuredCase[]): MeasuredAgain {
  return {
    byFirst: second.map(({ live, scenario, runs }, i) => ({
      live,
      report: compareWithEarlier(scenario, first[i]!.runs, runs),
      health: runs.map(({ generator }) => generator),
    })),
    simulated: compare(second),
  };
}

/** @param options a part of the cases goes into no published file */
async function publish(
  reports: readonly CaseReport[],
  text: string,
  { json, only }: { readonly json?: string | undefined; readonly only?: string | undefined },
): Promise<void> {
  const points = JSON.stringify(
    {
      points: reports.flatMap(({ live, report }) =>
        validationPoints(report).map((point) => ({ scenario: live.name, ...point })),
      ),
    },
    undefined,
    1,
  );
  if (json !== undefined) await writeFileAtomically(json, points);
  if (only !== undefined) return;
  await writeFileAtomically(join(RESULTS, 'points.json'), points);
  await writeFileAtomically(join(RESULTS, 'README.md'), text);
  await publishProfiles(CALIBRATION);
}

/** The profiles go where people look for them. */
async function publishProfiles(from: string): Promise<void> {
  for (const { name } of SET.calibrated) {
    const file = `${name}.profile.json`;
    await writeFileAtomically(join(PUBLISHED, file), await readFile(join(from, file), 'utf8'));
  }
}

await runScript(main);
