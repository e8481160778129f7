import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { versionLine } from '../src/node/runs/package-facts.js';
import { pointsOf, residualsOf, wideningFor } from './mlperf/doubt.js';
import { LEAVE_OUT, type LeaveOut, tryCandidates } from './mlperf/fit.js';
import { pointFigures } from './mlperf/points.js';
import type { Folders } from './mlperf/predict.js';
import { type Reproduced, resultFiles, summary } from './mlperf/readme.js';
import { chosenRules, type Fit, fitFor, predictRows, profileTexts, seenKey } from './mlperf/reproduction.js';
import { readMlperfRows } from './mlperf/rows.js';
import { jsonText, reproduction } from './support/reproduction.js';
import { wordOf } from './support/script-options.js';

const RESULTS = 'results/mlperf';
const RULES = 'results/mlperf/rules.json';
const SHIPPED: Folders = {
  profiles: 'calibration',
  scenarios: `${RESULTS}/scenarios`,
  profilesFromScenario: '../../../../calibration',
};

await reproduction({
  name: 'mlperf',
  about: `Predicts MLPerf Server runs from SingleStream, MultiStream and Offline. Whole, it renews the profiles in calibration/mlperf-* too.
Profiles and scenario files of anything else are in the folder of --out, else in a temporary one.`,
  data: {
    from: '../shared/data/profiles/mlperf_server.csv',
    takes: 'FILE',
    help: `rows of the same form, predicted with the rules of ${RULES}`,
    origin: 'the rows',
  },
  results: RESULTS,
  options: {
    'leave-out': {
      takes: 'GROUP',
      help: 'cell (a benchmark on a GPU), gpu, family, submitter or round: rules and\nintervals of a row are fitted without all rows of its group; cell by default.\nWith --data they are fitted to the other rows of that file',
    },
  },
  partial: ['leave-out'],
  run: async ({ data, isOwnData, out, 'leave-out': group }, onProgress) => {
    const by = wordOf('leave-out', group ?? 'cell', LEAVE_OUT);
    const folders = out === RESULTS ? SHIPPED : await otherFolders(out);
    onProgress(`profiles and scenario files go to ${folders.profiles} and ${folders.scenarios}`);
    return isOwnData && group === undefined
      ? predictFile(data, folders)
      : reproduce(data, by, folders, onProgress);
  },
  files: (reproduced) => (reproduced.tried.length === 0 ? new Map() : resultFiles(reproduced, versionLine())),
  published: ({ fit }) => new Map([[RULES, jsonText(fit)]]),
  json: ({ points }) => ({ rows: points.map(pointFigures) }),
  report: ({ points }) => summary(points),
});

/** Fits with each group left out and predicts its rows. */
async function reproduce(
  file: string,
  by: LeaveOut,
  folders: Folders,
  onProgress: (what: string) => void,
): Promise<Reproduced> {
  const rows = readMlperfRows(file);
  const tried = await tryCandidates(rows, (done) =>
    onProgress(`rules tried on ${done} of ${rows.length} rows`),
  );
  const rules = chosenRules(tried, by);
  const predicted = await predictRows(rows, () => ({ rules, leaveOut: by }), folders, {
    onProgress: (done) => onProgress(`${done} of ${rows.length} rows predicted`),
  });
  const residuals = residualsOf(predicted, by);
  const scales = Object.fromEntries(
    predicted.filter(({ scale }) => scale !== 1).map(({ files, scale }) => [files.name, scale]),
  );
  const widening = wideningFor(predicted, { leaveOut: by, residuals });
  const fit = { leaveOut: by, widening, rules, seen: rows.map(seenKey), scales, residuals };
  for (const [path, text] of profileTexts(rows, fit))
    await writeFileAtomically(join(folders.profiles, path), text);
  return { tried, predicted, points: pointsOf(predicted, fit), fit };
}

/** Predicts rows of a file with the published rules. */
async function predictFile(file: string, folders: Folders): Promise<Reproduced> {
  const rows = readMlperfRows(file);
  const fit = JSON.parse(await readFile(RULES, 'utf8')) as Fit;
  const predicted = await predictRows(rows, (row) => fitFor(row, fit), folders);
  return { tried: [], predicted, points: pointsOf(predicted, fit), fit };
}

async function otherFolders(out: string | undefined): Promise<Folders> {
  const folder = out ?? (await mkdtemp(join(tmpdir(), 'perseus-mlperf-')));
  return {
    profiles: join(folder, 'profiles'),
    scenarios: join(folder, 'scenarios'),
    profilesFromScenario: '../../profiles',
  };
}
