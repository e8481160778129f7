import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import type { LiveRun } from '../../src/live/run-live.js';
import { calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { keptOrPlayed, keptRun } from '../live/kept-runs.js';
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

/** A calibration in a folder of what is kept, and what it said. */
const filesOf = (folder: string, { asked }: CompositionsCase) => {
  const out = join(folder, asked);
  return { out, scenario: join(out, 'scenario.yaml'), report: join(out, 'report.txt') };
};

const nameOf = (of: CompositionsCase, { ratePerS, isByPerfAnalyzer }: Rate, repeat: number) =>
  `${of.asked}-${ratePerS}${isByPerfAnalyzer ? '-perf-analyzer' : ''}-${repeat}`;

type Rate = Pick<MeasuredLoad, 'ratePerS' | 'isByPerfAnalyzer'>;

function ratesOf({ ratesPerS, perfAnalyzerPerS }: CompositionsCase): readonly Rate[] {
  const own = ratesPerS.map((ratePerS) => ({ ratePerS, isByPerfAnalyzer: false }));
  return perfAnalyzerPerS === undefined
    ? own
    : [...own, { ratePerS: perfAnalyzerPerS, isByPerfAnalyzer: true }];
}

/** Whether nothing has to be measured: every calibration and every run is kept. */
export function isAllKept(folder: string, repeats: number): boolean {
  const files = CASES.flatMap((of) => {
    const { scenario, report } = filesOf(folder, of);
    const runs = ratesOf(of).flatMap((rate) =>
      Array.from({ length: repeats }, (_, i) => join(folder, `${nameOf(of, rate, i + 1)}.machine.json`)),
    );
    return [scenario, report, ...runs];
  });
  return files.every((file) => existsSync(file));
}

/** Calibrates each case that is not kept, once; gives its loads, and what the calibrations report. */
export async function prepareLoads(
  folder: string,
  stand: Stand | undefined,
): Promise<{ loads: MeasuredLoad[]; calibrations: string[] }> {
  const loads: MeasuredLoad[] = [];
  const calibrations: string[] = [];
  for (const of of CASES) {
    const { out, report, scenario } = filesOf(folder, of);
    if (stand !== undefined && !(existsSync(report) && existsSync(scenario))) {
      stand.onProgress(`calibrating: ${of.name}`);
      const made = await calibrateServer({
        ...{ client: stand.client, out, models: [of.asked], budgetS: of.budgetS, design: DEFAULT_DESIGN },
      });
      await writeFileAtomically(report, made.report);
    }
    calibrations.push(`${of.name}\n${(await readFile(report, 'utf8')).trimEnd()}`);
    for (const rate of ratesOf(of))
      loads.push({
        ...{ of, ...rate, scenario: await scenarioOf(out, of, rate.ratePerS) },
        ...{ runs: [], crossChecks: [], loadAverages: [] },
      });
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
 * The runs of all loads with this number, as they are kept, or else played and kept. They are played one after the other: what
 * changes on the machine meets all of them.
 * @throws LiveError where a run is no measurement
 */
export async function measureOnceMore(
  loads: readonly MeasuredLoad[],
  repeat: number,
  folder: string,
  stand: Stand | undefined,
): Promise<void> {
  for (const load of loads) {
    const name = nameOf(load.of, load, repeat);
    const machine = join(folder, `${name}.machine.json`);
    if (stand !== undefined && !existsSync(machine)) {
      await play(load, join(folder, name), stand);
      await writeFileAtomically(machine, JSON.stringify({ loadAverage: loadavg()[0]! }));
    }
    const { loadAverage } = JSON.parse(await readFile(machine, 'utf8')) as { loadAverage: number };
    load.loadAverages.push(loadAverage);
    if (load.isByPerfAnalyzer)
      load.crossChecks.push(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')));
    else load.runs.push((await keptRun(folder, name))!);
  }
}

async function play(load: MeasuredLoad, path: string, { client, url, analyzer, onProgress }: Stand) {
  const { of, ratePerS, scenario, isByPerfAnalyzer } = load;
  onProgress(`${scenario.name}${isByPerfAnalyzer ? ', perf_analyzer' : ''}: ${basename(path)}`);
  if (isByPerfAnalyzer) {
    const requests = await runCrossCheck(analyzer, url, [{ model: of.asked, ratePerS }], DURATION_S);
    await writeFileAtomically(`${path}.json`, JSON.stringify(requests));
    return;
  }
  await keptOrPlayed(dirname(path), basename(path), { scenario, client, onPlay: () => {} });
}
