import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { runFailure } from '../../src/live/run-failure.js';
import { type LiveRun, runLive } from '../../src/live/run-live.js';
import { calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { type CrossCheckRequests, runCrossCheck, type Stand } from '../live/perf-analyzer-runs.js';
import { CACHE_BYTES, CASES, type CompositionsCase } from './cases.js';

export const DURATION_S = 6;
export const WARM_UP_S = 1;
const MEBIBYTE = 2 ** 20;

/** A load on a case, its scenario, and what was measured of it. */
export interface MeasuredLoad {
  readonly of: CompositionsCase;
  readonly ratePerS: number;
  readonly scenario: Scenario;
  readonly isByPerfAnalyzer: boolean;
  readonly runs: LiveRun[];
  readonly crossChecks: (readonly CrossCheckRequests[])[];
  /** Load average of the machine over the minute before the end of each run. */
  readonly loadAverages: number[];
}

/** Calibrates each case once; gives its loads, and what the calibrations report. */
export async function prepareLoads(stand: Stand): Promise<{ loads: MeasuredLoad[]; calibrations: string[] }> {
  const loads: MeasuredLoad[] = [];
  const calibrations: string[] = [];
  for (const of of CASES) {
    const out = join(stand.folder, of.asked);
    const { client, onProgress } = stand;
    onProgress(`calibrating: ${of.name}`);
    const { report } = await calibrateServer({
      ...{ client, out, models: [of.asked], budgetS: of.budgetS, design: DEFAULT_DESIGN },
    });
    calibrations.push(`${of.name}\n${report.trimEnd()}`);
    const rates = [
      ...of.ratesPerS.map((ratePerS) => ({ ratePerS, isByPerfAnalyzer: false })),
      ...(of.perfAnalyzerPerS === undefined
        ? []
        : [{ ratePerS: of.perfAnalyzerPerS, isByPerfAnalyzer: true }]),
    ];
    for (const rate of rates) {
      const scenario = await scenarioOf(out, of, rate.ratePerS);
      loads.push({ of, ...rate, scenario, runs: [], crossChecks: [], loadAverages: [] });
    }
  }
  return { loads, calibrations };
}

/** What the calibration wrote, under another load. */
async function scenarioOf(out: string, of: CompositionsCase, ratePerS: number): Promise<Scenario> {
  const written = parse(await readFile(join(out, 'scenario.yaml'), 'utf8')) as {
    servers: { triton?: { cache?: { sizeMb: number } } }[];
  };
  const cache = written.servers[0]!.triton?.cache;
  if (cache !== undefined) cache.sizeMb = CACHE_BYTES / MEBIBYTE;
  const tenant = {
    ...{ name: of.asked, model: of.asked, ...of.tenant },
    load: { process: { kind: 'poisson', ratePerS } },
  };
  const scenario = {
    ...written,
    ...{ name: `${of.name}, ${ratePerS}/s`, durationS: DURATION_S, warmUpS: WARM_UP_S, tenants: [tenant] },
  };
  const file = join(out, `load-${ratePerS}.yaml`);
  await writeFileAtomically(file, stringify(scenario));
  return (await loadScenario(file)).scenario;
}

/**
 * Plays all loads once more, one after the other: what changes on the machine meets all of them.
 * @throws LiveError where a run is no measurement
 */
export async function measureOnceMore(loads: readonly MeasuredLoad[], stand: Stand): Promise<void> {
  const { client, url, analyzer, onProgress } = stand;
  for (const { of, ratePerS, scenario, isByPerfAnalyzer, runs, crossChecks, loadAverages } of loads) {
    onProgress(
      `${scenario.name}${isByPerfAnalyzer ? ', perf_analyzer' : ''}, run ${loadAverages.length + 1}`,
    );
    if (isByPerfAnalyzer)
      crossChecks.push(await runCrossCheck(analyzer, url, [{ model: of.asked, ratePerS }], DURATION_S));
    else {
      const run = await runLive(scenario, { servers: [{ client }] });
      const failure = runFailure(run);
      if (failure !== undefined) throw failure;
      runs.push(run);
    }
    loadAverages.push(loadavg()[0]!);
  }
}
