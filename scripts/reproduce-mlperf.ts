import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InputError } from '../src/base/problem.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { commit, version } from '../src/node/runs/package-facts.js';
import { wideningFor } from './mlperf/doubt.js';
import { LEAVE_OUT, type LeaveOut, type TriedRow, tryCandidates } from './mlperf/fit.js';
import { pointsJson, type RowPoint } from './mlperf/points.js';
import type { Folders } from './mlperf/predict.js';
import { resultFiles, summary } from './mlperf/readme.js';
import {
  allPoints,
  chosenRules,
  type Fit,
  fitFor,
  type PredictedRow,
  predictRows,
  profileTexts,
  residualsOfAll,
  seenKey,
} from './mlperf/reproduction.js';
import { readMlperfRows } from './mlperf/rows.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const SHARED = '../shared/data/profiles/mlperf_server.csv';
const RESULTS = 'results/mlperf';
const RULES = 'results/mlperf/rules.json';
const SHIPPED: Folders = {
  profiles: 'calibration',
  scenarios: `${RESULTS}/scenarios`,
  profilesFromScenario: '../../../../calibration',
};

const USAGE = `usage: npm run reproduce:mlperf -- [--data FILE] [--leave-out GROUP] [--json FILE] [--out FOLDER]
  --data FILE        predict other rows of the same form, with the rules of ${RULES}
  --leave-out GROUP  cell (a benchmark on a GPU; default), gpu, family, submitter or round: rules and
                     intervals of a row are fitted without all rows of its group
  --json FILE        also write every figure as JSON
  --out FOLDER       where profiles and scenario files go, with --data or --leave-out; else a temporary folder
Predicts MLPerf Server runs from SingleStream, MultiStream and Offline. Without --data and
--leave-out it renews ${RESULTS} and the profiles in calibration/mlperf-*.
`;

async function main(): Promise<number> {
  const values = scriptOptions(USAGE, {
    data: { type: 'string' },
    'leave-out': { type: 'string' },
    json: { type: 'string' },
    out: { type: 'string' },
  });
  const by = leaveOut(values['leave-out']);
  const other = values.data !== undefined || values['leave-out'] !== undefined || values.out !== undefined;
  if (values.data === undefined && !existsSync(SHARED)) {
    say(
      `perseus: there is no ${resolve(SHARED)}; it is not part of this repository: name a file of its form with --data FILE`,
    );
    return 2;
  }
  const folders = other ? await otherFolders(values.out) : SHIPPED;
  const reproduced =
    values.data === undefined ? await reproduce(by, folders) : await predictFile(values.data, folders);
  if (!other) await writeResults(reproduced);
  else say(`profiles and scenario files are in ${folders.scenarios}`);
  const { points } = reproduced;
  if (values.json !== undefined) await writeFileAtomically(values.json, pointsJson(points));
  process.stdout.write(summary(points));
  return 0;
}

interface Reproduced {
  /** Empty where nothing was fitted. */
  readonly tried: readonly TriedRow[];
  readonly predicted: readonly PredictedRow[];
  readonly points: readonly RowPoint[];
  readonly fit: Fit;
}

/** Fits with each group left out and predicts its rows. */
async function reproduce(by: LeaveOut, folders: Folders): Promise<Reproduced> {
  const rows = readMlperfRows(SHARED);
  const tried = await tryCandidates(rows, (done) => say(`rules tried on ${done} of ${rows.length} rows`));
  const rules = chosenRules(tried, by);
  const predicted = await predictRows(rows, () => ({ rules, leaveOut: by }), folders, {
    onProgress: (done) => say(`${done} of ${rows.length} rows predicted`),
  });
  const residuals = residualsOfAll(predicted, by);
  const scales = Object.fromEntries(
    predicted.filter(({ scale }) => scale !== 1).map(({ files, scale }) => [files.name, scale]),
  );
  const widening = wideningFor(predicted, { leaveOut: by, residuals });
  const fit = { leaveOut: by, widening, rules, seen: rows.map(seenKey), scales, residuals };
  for (const [path, text] of profileTexts(rows, fit))
    await writeFileAtomically(join(folders.profiles, path), text);
  return { tried, predicted, points: allPoints(predicted, fit), fit };
}

/** Predicts rows of a file with the published rules. */
async function predictFile(file: string, folders: Folders): Promise<Reproduced> {
  const rows = readMlperfRows(file);
  const fit = JSON.parse(await readFile(RULES, 'utf8')) as Fit;
  const predicted = await predictRows(rows, (row) => fitFor(row, fit), folders);
  return { tried: [], predicted, points: allPoints(predicted, fit), fit };
}

async function otherFolders(out: string | undefined): Promise<Folders> {
  const folder = out ?? (await mkdtemp(join(tmpdir(), 'perseus-mlperf-')));
  return {
    profiles: join(folder, 'profiles'),
    scenarios: join(folder, 'scenarios'),
    profilesFromScenario: '../../profiles',
  };
}

async function writeResults(reproduced: Reproduced): Promise<void> {
  const files = resultFiles(reproduced, { version: version(), commit: commit() ?? 'unknown' });
  for (const [name, text] of files) await writeFileAtomically(join(RESULTS, name), text);
  await writeFileAtomically(RULES, `${JSON.stringify(reproduced.fit, undefined, 1)}\n`);
}

function leaveOut(text: string = 'cell'): LeaveOut {
  const found = LEAVE_OUT.find((each) => each === text);
  if (found !== undefined) return found;
  throw InputError.of(`there is no group "${text}"`, LEAVE_OUT.join(', '), { path: '--leave-out' });
}

await runScript(main);
