import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mean } from 'simple-statistics';
import { groupBy } from '../src/base/group-by.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import type { CrossCheckCase } from './live/cross-check-cases.js';
import {
  type CrossCheckRow,
  compareCrossCheck,
  type Figures,
  type MeasuredCrossCheck,
} from './live/cross-check-compare.js';
import { calibrateSet, calibrationFolder, LIVE_SETS, type LiveSet } from './live/live-set.js';
import { counted, onStand, runCrossCheck, type Stand } from './live/perf-analyzer-runs.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { LATENCY_METRICS } from './support/latencies.js';
import { errorPercent, halfRange } from './support/points.js';
import { reproduction } from './support/reproduction.js';
import { countOf, namedBy, wordOf } from './support/script-options.js';
import { pageTable, signed } from './support/table.js';
import { requireInstallation } from './triton/installation.js';

const METRICS: readonly (readonly [keyof Figures, string])[] = [...LATENCY_METRICS, ['batch', 'batch']];

/** One line for each tenant of a case, all its runs together, worst mean first. */
function crossCheckMarkdown(rows: readonly CrossCheckRow[], option: string, title: string): string {
  const error = (runs: readonly CrossCheckRow[]) => Math.abs(errorOf(runs, 'meanMs'));
  const tenants = [...groupBy(rows, ({ name, model }) => `${name}|${model}`).values()].sort(
    (a, b) => error(b) - error(a),
  );
  return `# perf_analyzer beside the simulator${title}

Written by \`npm run reproduce:cross-check${option}\`; ${provenanceLine()}.
NVIDIA's perf_analyzer played and measured these Poisson loads on Triton 24.10, 20 s each, one process for each tenant; the simulator
had exactly its arrivals and the profiles that \`perseus calibrate\` made with its own load generator. Error: simulated less
measured, mean over the runs; in brackets the half range of what was measured in the runs. The rules of the
calibration were changed after such runs had been seen; runs that an earlier commit kept are not blind. Stall: the longest
time in all runs for which nothing ran on the machine, as a thread saw it that does nothing but look at the clock.

${pageTable(tenants, [
  ['case', ([run]) => run!.name],
  ['model', ([run]) => run!.model],
  ['rate /s', (runs) => mean(runs.map(({ ratePerS }) => ratePerS)).toFixed(0)],
  ['runs', (runs) => runs.length],
  ...METRICS.map(([key, label]) => [label, (runs: readonly CrossCheckRow[]) => cellOf(runs, key)] as const),
  ['stall', longestStall],
])}
`;
}

function cellOf(runs: readonly CrossCheckRow[], key: keyof Figures): string {
  const values = runs.map(({ measured }) => measured[key]);
  const spread = runs.length > 1 ? ` (±${((100 * halfRange(values)) / mean(values)).toFixed(1)})` : '';
  const unit = key === 'batch' ? '' : ' ms';
  return `${mean(values).toFixed(2)}${unit}, ${signed(errorOf(runs, key))} %${spread}`;
}

function longestStall(runs: readonly CrossCheckRow[]): string {
  const known = runs.flatMap(({ longestStallMs }) => longestStallMs ?? []);
  return known.length < runs.length ? '–' : `${Math.max(...known).toFixed(0)} ms`;
}

function errorOf(runs: readonly CrossCheckRow[], key: keyof Figures): number {
  return mean(runs.map(({ measured, simulated }) => errorPercent(simulated[key], measured[key])));
}

const DURATION_S = 20;

interface Result {
  readonly set: string;
  readonly rows: readonly CrossCheckRow[];
}

await reproduction({
  name: 'cross-check',
  about: `Loads that NVIDIA's perf_analyzer plays and measures, simulated on exactly its arrivals with calibrated profiles.
The models of --set are calibrated first where that is not kept. About 12 minutes on a quiet machine, 12 to 15 more with it.`,
  data: {
    from: 'what --set has kept under .tmp',
    takes: 'FOLDER',
    example: 'my/live',
    help: 'where calibration and runs are kept as they were measured; what it lacks is measured',
  },
  results: 'results/live',
  fitsNothing: 'the calibration that predicts sees none of these loads',
  options: {
    set: {
      takes: 'sample|other|far',
      default: 'sample',
      help: 'models of reproduce:live and its calibration, other models, models far from those',
    },
    repeats: { takes: 'N', default: '3', help: 'live runs of each case' },
    only: { takes: 'TEXT', help: 'only cases whose name holds this text' },
    fresh: {
      help: 'measure everything again, but for the calibration of the sample: what is kept under .tmp is removed',
    },
  },
  partial: ['only'],
  run: async (given, onProgress): Promise<Result> => {
    const set = setNamed(given.set);
    const kept = given.isOwnData ? given.data : set.kept;
    const repeats = countOf('repeats', given.repeats);
    const asked = { option: 'only', text: given.only ?? '', kind: 'case' };
    const cases = namedBy(asked, set.crossCheckCases, ({ name }) => name);
    requireInstallation();
    const runs = join(kept, 'cross-check');
    const stale = set === LIVE_SETS.sample ? join(set.kept, 'cross-check') : set.kept;
    if (given.fresh) await rm(stale, { recursive: true, force: true });
    await mkdir(runs, { recursive: true });
    const server = { folder: runs, models: [...set.calibrated, ...set.variants], onProgress };
    return onStand(server, async (stand) => {
      await calibrateSet(set, kept, stand.client);
      const rows: CrossCheckRow[] = [];
      for (const each of cases) {
        const file = await scenarioFile(each, set, calibrationFolder(kept), stand);
        const { scenario } = await loadScenario(file);
        for (let repeat = 1; repeat <= repeats; repeat++) {
          const measured = await measureOnce(each, repeat, stand);
          rows.push(...compareCrossCheck(each, repeat, scenario, measured));
        }
      }
      return { set: given.set, rows };
    });
  },
  files: (result) => new Map([[setNamed(result.set).page, page(result)]]),
  json: ({ rows }) => ({ points: rows }),
  report: page,
});

function page({ set, rows }: Result): string {
  const option = set === 'sample' ? '' : ` -- --set ${set}`;
  return crossCheckMarkdown(rows, option, setNamed(set).title);
}

function setNamed(name: string): LiveSet {
  return LIVE_SETS[wordOf('set', name, ['sample', 'other', 'far'])];
}

function scenarioFile(
  each: CrossCheckCase,
  set: LiveSet,
  calibration: string,
  stand: Stand,
): Promise<string> {
  // The rate is a place holder: arrivals are perf_analyzer's own.
  const loads = each.loads.map(({ model, ratePerS }) => ({
    model,
    load: { process: { kind: 'poisson', ratePerS } },
  }));
  const settings = { profiles: resolve(calibration), variants: set.variants };
  return writeScenario(join(stand.folder, 'scenarios'), settings, { ...each, loads }, stand.client);
}

async function measureOnce(
  { name, loads }: CrossCheckCase,
  repeat: number,
  { client, analyzer, url, folder, onProgress }: Stand,
): Promise<MeasuredCrossCheck> {
  const path = join(folder, `${fileName(name)}-${repeat}.json`);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before !== undefined) return JSON.parse(before) as MeasuredCrossCheck;
  onProgress(`perf_analyzer, run ${repeat}: ${name}`);
  const models = loads.map(({ model }) => model);
  const play = () => runCrossCheck(analyzer, url, loads, DURATION_S);
  const { result: requests, ...meanwhile } = await counted(client, models, play);
  const measured: MeasuredCrossCheck = { requests, ...meanwhile };
  await writeFileAtomically(path, JSON.stringify(measured));
  return measured;
}
