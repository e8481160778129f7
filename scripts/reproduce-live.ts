import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceClient } from '../src/live/inference-client.js';
import type { LiveRun } from '../src/live/run-live.js';
import { readObservations } from '../src/node/calibrate/calibration-folder.js';
import { compareWithLive } from '../src/node/calibrate/validate-scenario.js';
import { SERVER_PROFILE } from '../src/node/scenario/profile-files.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import type { Scenario } from '../src/scenario/scenario.js';
import { validationPoints } from '../src/validate/report.js';
import { keptOrPlayed } from './live/kept-runs.js';
import { calibrateSet, calibrationFolder, LIVE_SETS } from './live/live-set.js';
import { machineSpeeds } from './live/machine-speed.js';
import { type CaseReport, resultsMarkdown } from './live/results.js';
import { LIVE_CASES, type LiveCase } from './live/scenarios.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { jsonText, reproduction } from './support/reproduction.js';
import { namedBy } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';
import { onServer } from './triton/on-server.js';

const SET = LIVE_SETS.sample;
const REPEATS = 3;
const REPLICATIONS = 8;

interface PreparedCase {
  readonly live: LiveCase;
  readonly scenario: Scenario;
}

interface MeasuredCase extends PreparedCase {
  readonly runs: readonly LiveRun[];
}

await reproduction({
  name: 'live',
  about: 'Needs npm run triton -- setup. Takes about 30 minutes on a quiet machine.',
  data: {
    from: SET.kept,
    takes: 'FOLDER',
    help: 'where points and runs are kept as they were measured; what it lacks is measured',
  },
  results: 'results/live',
  fitsNothing: 'the calibration that predicts sees none of these loads',
  options: {
    only: { takes: 'TEXT', help: 'only cases whose name holds this text' },
    fresh: { help: `measure everything again: what ${SET.kept} holds is removed` },
  },
  partial: ['only'],
  seeds: '1',
  run: async ({ data: kept, only = '', fresh }, onProgress) => {
    requireInstallation();
    if (fresh) await rm(SET.kept, { recursive: true, force: true });
    await mkdir(kept, { recursive: true });
    return onServer({ folder: kept, models: [...SET.calibrated, ...SET.variants] }, async (client) => {
      const calibration = await calibrateSet(SET, kept, client);
      onProgress(calibration.report);
      const stand = { kept, client, onProgress };
      const measured = await measure(await prepare(only, stand), stand);
      return {
        calibration: calibration.report,
        reports: measured.map(compare),
        speeds: machineSpeeds(measured, await readObservations(calibrationFolder(kept))),
        profiles: await profilesIn(calibrationFolder(kept)),
      };
    });
  },
  files: (result) =>
    new Map([
      ['README.md', resultsMarkdown(result)],
      ['points.json', jsonText(pointsOf(result.reports))],
    ]),
  // The profiles go where people look for them.
  published: ({ profiles }) =>
    new Map(profiles.map(([file, text]) => [join('calibration/cpu-sample', file), text])),
  json: ({ reports }) => pointsOf(reports),
  report: resultsMarkdown,
});

/** Where cases are played. */
interface Stand {
  readonly kept: string;
  readonly client: InferenceClient;
  readonly onProgress: (what: string) => void;
}

async function prepare(only: string, { kept, client }: Stand): Promise<PreparedCase[]> {
  const prepared = [];
  const cases = namedBy({ option: 'only', text: only, kind: 'case' }, LIVE_CASES, ({ name }) => name);
  for (const live of cases) {
    const settings = { profiles: '../calibration', variants: SET.variants };
    const file = await writeScenario(join(kept, 'scenarios'), settings, live, client);
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
  { kept, client, onProgress }: Stand,
): Promise<MeasuredCase[]> {
  const measured = cases.map(({ live, scenario }) => ({ live, scenario, runs: [] as LiveRun[] }));
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    for (const { live, scenario, runs } of measured) {
      const name = `${fileName(live.name)}-${repeat}`;
      const onPlay = () => onProgress(`live run ${repeat} of ${REPEATS}: ${live.name}`);
      runs.push(await keptOrPlayed(kept, name, { scenario, client, onPlay }));
    }
  }
  return measured;
}

function compare({ live, scenario, runs }: MeasuredCase): CaseReport {
  const report = compareWithLive(scenario, runs, { replications: REPLICATIONS });
  return { live, report, health: runs.map(({ generator }) => generator) };
}

function pointsOf(reports: readonly CaseReport[]) {
  const points = reports.flatMap(({ live, report }) =>
    validationPoints(report).map((point) => ({ scenario: live.name, ...point })),
  );
  return { points };
}

async function profilesIn(folder: string): Promise<[file: string, text: string][]> {
  const files = [...SET.calibrated.map(({ name }) => `${name}.profile.json`), SERVER_PROFILE];
  return Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')]));
}
