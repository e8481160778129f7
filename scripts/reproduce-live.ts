import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceClient } from '../src/live/inference-client.js';
import { runFailure } from '../src/live/run-failure.js';
import { type LiveRun, runLive } from '../src/live/run-live.js';
import { writeFileAtomically } from '../src/node/atomic-write.js';
import { readObservations } from '../src/node/calibration-folder.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { compareWithLive } from '../src/node/validate-scenario.js';
import type { Scenario } from '../src/scenario/scenario.js';
import { validationPoints } from '../src/validate/report.js';
import { calibrateSet, calibrationFolder } from './live/calibrate-set.js';
import { keepRun, keptRun } from './live/kept-runs.js';
import { LIVE_SETS } from './live/live-set.js';
import { machineSpeeds } from './live/machine-speed.js';
import { type CaseReport, resultsMarkdown } from './live/results.js';
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
const REPLICATIONS = 8;

const USAGE = `usage: npm run reproduce:live -- [--json FILE] [--only TEXT] [--fresh]
  --json FILE   also write all points as JSON
  --only TEXT   only cases whose name holds this text
  --fresh       measure everything again; otherwise what ${KEPT} holds is kept
Needs npm run triton -- setup. Takes about 30 minutes on a quiet machine.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    only: { type: 'string' },
    fresh: { type: 'boolean', default: false },
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
    const measured = await measure(cases, client);
    const reports = compare(measured);
    const speeds = machineSpeeds(measured, await readObservations(CALIBRATION));
    const text = resultsMarkdown(reports, speeds, calibrated.report);
    await publish(reports, text, values);
    process.stdout.write(text);
  });
}

interface MeasuredCase {
  readonly live: LiveCase;
  readonly scenario: Scenario;
  readonly runs: readonly LiveRun[];
}

/**
 * All cases one after the other, and again: what changes on the machine meets all of them.
 * @throws LiveError where a run is no measurement; it is not kept
 */
async function measure(cases: readonly LiveCase[], client: InferenceClient): Promise<MeasuredCase[]> {
  const measured = [];
  for (const live of cases) {
    const file = await writeScenario(
      join(KEPT, 'scenarios'),
      { profiles: '../calibration', variants: SET.variants },
      live,
      client,
    );
    measured.push({ live, scenario: (await loadScenario(file)).scenario, runs: [] as LiveRun[] });
  }
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    for (const { live, scenario, runs } of measured) {
      const name = `${fileName(live.name)}-${repeat}`;
      let run = await keptRun(KEPT, name);
      if (run === undefined) {
        say(`live run ${repeat} of ${REPEATS}: ${live.name}`);
        run = await runLive(scenario, { servers: [{ client }] });
        const failure = runFailure(run);
        if (failure !== undefined) throw failure;
        await keepRun(KEPT, name, run);
      }
      runs.push(run);
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
