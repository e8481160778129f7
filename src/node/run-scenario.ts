import { latencyBounds } from '../report/bounds.js';
import { buildReport, type SimulatedRun } from '../report/build-report.js';
import type { RunReport } from '../report/run-report.js';
import type { Scenario } from '../scenario/scenario.js';
import { partition } from '../simulator/partition.js';
import type { SimulationResult } from '../simulator/result.js';
import { assemble, simulateComponent } from '../simulator/simulate.js';
import { version } from './package-facts.js';
import { type LoadedScenario, loadScenario, type ScenarioOverrides } from './scenario-files.js';

export interface RunOptions {
  readonly overrides?: ScenarioOverrides;
  /** Replications, each under a seed of its own. */
  readonly runs?: number;
  /** Worker threads for components; 1 = in this thread. */
  readonly threads?: number;
  /** Also simulate what no placement can beat. */
  readonly bounds?: boolean;
  /** Whether charts will be drawn from the report. Default true. */
  readonly series?: boolean;
  readonly progress?: (text: string) => void;
}

/** A scenario file that has been simulated. */
export interface ScenarioRun {
  readonly loaded: LoadedScenario;
  readonly runs: readonly SimulatedRun[];
  readonly report: RunReport;
}

/**
 * Reads a scenario file, simulates it and builds its report. Replication i > 1 has the seed
 * `<seed>/i`, so that more replications never change the first.
 * @throws InputError for mistakes in the scenario or a file it names
 */
export async function runScenario(path: string, options: RunOptions = {}): Promise<ScenarioRun> {
  const count = Math.max(1, Math.round(options.runs ?? 1));
  const first = await loadScenario(path, options.overrides);
  const runs: SimulatedRun[] = [];
  for (let i = 0; i < count; i++) {
    const scenario = i === 0 ? first.scenario : await replication(path, first.scenario, i + 1, options);
    const report = (share: number) =>
      options.progress?.(`run ${i + 1} of ${count}: ${Math.round(100 * share)} % simulated`);
    runs.push({ scenario, result: await simulateScenario(scenario, options.threads ?? 1, report) });
  }
  const report = buildReport(runs, {
    version: version(),
    scenarioFile: path,
    warnings: first.warnings,
    measured: first.spec.measured,
    series: options.series ?? true,
    ...(options.bounds === false ? {} : { bounds: latencyBounds(first.scenario) }),
  });
  return { loaded: first, runs, report };
}

async function replication(
  path: string,
  first: Scenario,
  number: number,
  options: RunOptions,
): Promise<Scenario> {
  const loaded = await loadScenario(path, { ...options.overrides, seed: `${first.seed}/${number}` });
  return loaded.scenario;
}

/** Simulates all components, on worker threads where several are asked for; same bytes either way. */
export async function simulateScenario(
  scenario: Scenario,
  threads: number,
  onProgress: (share: number) => void = () => {},
): Promise<SimulationResult> {
  const components = partition(scenario);
  if (threads > 1 && components.length > 1) {
    const { simulateOnThreads } = await import('./simulate-on-threads.js');
    return assemble(scenario, await simulateOnThreads(scenario, components, threads, onProgress));
  }
  const results = components.map((component, index) => {
    const result = simulateComponent(scenario, component);
    onProgress((index + 1) / components.length);
    return result;
  });
  return assemble(scenario, results);
}
