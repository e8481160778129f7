import { latencyBounds } from '../report/bounds.js';
import { buildReport, type SimulatedRun } from '../report/build-report.js';
import type { RunReport } from '../report/run-report.js';
import type { Scenario } from '../scenario/scenario.js';
import { partition } from '../simulator/partition.js';
import type { SimulationResult } from '../simulator/result.js';
import { assemble, simulate } from '../simulator/simulate.js';
import { version } from './package-facts.js';
import { replicationSeed } from './replication-seed.js';
import { type LoadedScenario, loadScenario, type ScenarioOverrides } from './scenario-files.js';

export interface ReplicationOptions {
  readonly overrides?: ScenarioOverrides;
  /** Replications, each under a seed of its own; a whole number, 1 by default. */
  readonly runs?: number;
  /** Worker threads for components; 1 = in this thread. */
  readonly threads?: number;
  readonly progress?: (text: string) => void;
}

/** What of a scenario is simulated, and how. */
export interface RunOptions extends ReplicationOptions {
  /** Also simulate what no placement can beat. */
  readonly bounds?: boolean;
  /** Whether charts will be drawn from the report. Default true. */
  readonly series?: boolean;
}

/** A scenario file that has been simulated. */
export interface ScenarioRun {
  readonly loaded: LoadedScenario;
  readonly runs: readonly SimulatedRun[];
  readonly report: RunReport;
}

/**
 * Reads a scenario file, simulates it and builds its report.
 * @throws InputError for mistakes in the scenario or a file it names
 */
export async function runScenario(path: string, options: RunOptions = {}): Promise<ScenarioRun> {
  const loaded = await loadScenario(path, options.overrides);
  const runs = await replicate(path, loaded, options);
  const report = buildReport(runs, {
    version: version(),
    scenarioFile: path,
    warnings: loaded.warnings,
    measured: loaded.spec.measured,
    series: options.series ?? true,
    ...(options.bounds === false ? {} : { bounds: latencyBounds(loaded.scenario) }),
  });
  return { loaded, runs, report };
}

/**
 * Simulates a scenario that was read from a file under one seed after the other, those of {@link replicationSeed}.
 */
export async function replicate(
  path: string,
  loaded: LoadedScenario,
  { overrides, runs: wanted = 1, threads = 1, progress }: ReplicationOptions,
): Promise<SimulatedRun[]> {
  const count = Math.max(1, Math.round(wanted));
  const runs: SimulatedRun[] = [];
  for (let i = 1; i <= count; i++) {
    const seed = replicationSeed(loaded.scenario.seed, i);
    const { scenario } = i === 1 ? loaded : await loadScenario(path, { ...overrides, seed });
    const report = (share: number) =>
      progress?.(`run ${i} of ${count}: ${Math.round(100 * share)} % simulated`);
    runs.push({ scenario, result: await simulateScenario(scenario, threads, report) });
  }
  return runs;
}

/** Simulates all components, on worker threads where several are asked for; same bytes either way. */
export async function simulateScenario(
  scenario: Scenario,
  threads: number,
  onProgress: (share: number) => void = () => {},
): Promise<SimulationResult> {
  const components = threads > 1 ? partition(scenario) : [];
  if (components.length > 1) {
    const { simulateOnThreads } = await import('./simulate-on-threads.js');
    return assemble(scenario, await simulateOnThreads(scenario, components, threads, onProgress));
  }
  return simulate(scenario, { onProgress });
}
