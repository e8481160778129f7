import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError } from '../src/base/problem.js';
import { COUNT, requireNumbers } from '../src/cli/number-options.js';
import type { InferenceClient } from '../src/live/inference-client.js';
import { startStallMeter } from '../src/live/load/stall-meter.js';
import { restingStatistics } from '../src/live/resting-statistics.js';
import type { LiveRun } from '../src/live/run-live.js';
import { subtractStatistics } from '../src/live/statistics.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import type { Scenario } from '../src/scenario/scenario.js';
import { calibrateSet, calibrationFolder } from './live/calibrate-set.js';
import type { CrossCheckCase } from './live/cross-check-cases.js';
import {
  type CrossCheckRow,
  compareCrossCheck,
  type MeasuredCrossCheck,
  withArrivals,
} from './live/cross-check-compare.js';
import { crossCheckMarkdown } from './live/cross-check-results.js';
import { compareInstruments, type InstrumentRow, instrumentsSection } from './live/instruments.js';
import { keptOrPlayed } from './live/kept-runs.js';
import { LIVE_SETS, type LiveSet } from './live/live-set.js';
import { runCrossCheck } from './live/perf-analyzer-runs.js';
import { fileName, writeScenario } from './live/write-scenario.js';
import { runScript } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';
import { requireInstallation } from './triton/installation.js';
import { onServer } from './triton/on-server.js';
import { type PerfAnalyzer, preparePerfAnalyzer } from './triton/perf-analyzer.js';
import { writeRepository } from './triton/write-repository.js';

const DURATION_S = 20;

const USAGE = `usage: npm run reproduce:cross-check -- [--set sample|other|far] [--repeats N] [--only TEXT] [--own] [--fresh]
  Loads that NVIDIA's perf_analyzer plays and measures, simulated on exactly its arrivals with calibrated profiles.
  --set sample  the sample's models, with the calibration of npm run reproduce:live, which is made first where there is
                none, and which that command then uses (default)
  --set other   other models; calibrates them first (about 12 minutes more)
  --set far     models far from those of the sample, the same way (about 15 minutes more)
  --repeats N   live runs of each case (3)
  --own         also send the same requests with the generator of perseus live, right after each run, and compare what both measured
  --only TEXT   only cases whose name holds this text; writes no results
  --fresh       measure everything again, but for the calibration of the sample; otherwise what was kept under .tmp counts
About 12 minutes on a quiet machine.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    set: { type: 'string', default: 'sample' },
    repeats: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    own: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
  });
  const installation = requireInstallation();
  const repeats = Number(values.repeats);
  requireNumbers({ repeats: [repeats, COUNT] });
  const name = setNamed(values.set);
  const set = LIVE_SETS[name];
  const kept = join(set.kept, 'cross-check');
  if (values.fresh) await rm(name === 'sample' ? kept : set.kept, { recursive: true, force: true });
  await mkdir(kept, { recursive: true });
  const repository = join(kept, 'repository');
  await writeRepository(repository, [...set.calibrated, ...set.variants], installation);
  const logFile = join(kept, 'server.log');
  await onServer({ installation, repository, logFile }, async (client, { url }) => {
    await calibrateSet(set, client);
    const stand = { client, analyzer: await preparePerfAnalyzer(installation), url, kept };
    const rows: CrossCheckRow[] = [];
    const instruments: InstrumentRow[] = [];
    for (const each of set.crossCheckCases.filter(({ name }) => name.includes(values.only))) {
      const { scenario } = await loadScenario(await scenarioFile(each, set, stand));
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const measured = await measureOnce(each, repeat, stand);
        rows.push(...compareCrossCheck(each, repeat, scenario, measured));
        if (!values.own) continue;
        const own = await playOwn(scenario, `${fileName(each.name)}-${repeat}-own`, measured, stand);
        instruments.push(...compareInstruments(each, measured.requests, own));
      }
    }
    const text = `${crossCheckMarkdown(rows, name)}${values.own ? instrumentsSection(instruments) : ''}`;
    if (values.only === '') await writeFileAtomically(set.crossCheckResults, text);
    process.stdout.write(text);
  });
}

function setNamed(name: string): keyof typeof LIVE_SETS {
  const names = Object.keys(LIVE_SETS) as (keyof typeof LIVE_SETS)[];
  const found = names.find((each) => each === name);
  if (found === undefined)
    throw InputError.of(`there is no set "${name}"`, `write one of ${names.join(', ')}`, { path: '--set' });
  return found;
}

function scenarioFile(each: CrossCheckCase, set: LiveSet, { client, kept }: Stand): Promise<string> {
  // The rate is a place holder: arrivals are perf_analyzer's own.
  const loads = each.loads.map(({ model, ratePerS }) => ({
    model,
    load: { process: { kind: 'poisson', ratePerS } },
  }));
  const profiles = resolve(calibrationFolder(set));
  return writeScenario(
    join(kept, 'scenarios'),
    { profiles, variants: set.variants },
    { ...each, loads },
    client,
  );
}

interface Stand {
  readonly client: InferenceClient;
  readonly analyzer: PerfAnalyzer;
  readonly url: string;
  /** Folder of the runs as they were measured. */
  readonly kept: string;
}

async function measureOnce(
  each: CrossCheckCase,
  repeat: number,
  { client, analyzer, url, kept }: Stand,
): Promise<MeasuredCrossCheck> {
  const path = join(kept, `${fileName(each.name)}-${repeat}.json`);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before !== undefined) return JSON.parse(before) as MeasuredCrossCheck;
  process.stderr.write(`perf_analyzer, run ${repeat}: ${each.name}\n`);
  const models = each.loads.map(({ model }) => model);
  const resting = await restingStatistics(client, models);
  const meter = await startStallMeter();
  const requests = await runCrossCheck(analyzer, url, each.loads, DURATION_S);
  const stalls = meter.stop();
  const statistics = subtractStatistics(await restingStatistics(client, models), resting);
  const measured: MeasuredCrossCheck = { requests, statistics, stalls };
  await writeFileAtomically(path, JSON.stringify(measured));
  return measured;
}

/** The requests of a run of perf_analyzer once more, by our own generator. */
async function playOwn(
  scenario: Scenario,
  name: string,
  { requests }: MeasuredCrossCheck,
  { client, kept }: Stand,
): Promise<LiveRun> {
  const durationUs = Math.max(...requests.map(({ sentUs }) => sentUs.at(-1)!)) + 1;
  return keptOrPlayed(kept, name, {
    scenario: withArrivals(scenario, requests, durationUs),
    client,
    onPlay: () => process.stderr.write(`our generator: ${name}\n`),
  });
}

await runScript(main);
