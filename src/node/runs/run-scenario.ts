import { requireCounts } from '../../base/require-counts.js';
import { isCounted } from '../../measure/counted-component.js';
import { assembleFigures, type MeasureOptions, measureRun } from '../../measure/measure-run.js';
import type { RunFigures } from '../../measure/run-figures.js';
import type { Doubt } from '../../profile/time-error.js';
import { selectTenants } from '../../report/answer.js';
import { latencyBounds, MOST_BOUNDED } from '../../report/bounds.js';
import { type MeasuredScenario, measured, reportOf, SERIES_SIZE } from '../../report/build-report.js';
import { doubtFrom, type Ends } from '../../report/doubt.js';
import type { RunDoubt, RunReport, TenantBound } from '../../report/run-report.js';
import type { Scenario } from '../../scenario/scenario.js';
import { atTimeErrors, doubtsIn, timeErrorsIn } from '../../scenario/time-errors.js';
import { partition } from '../../simulator/partition.js';
import type { SimulationResult } from '../../simulator/result.js';
import { assemble, simulate } from '../../simulator/simulate.js';
import type { RequestLog } from '../../trace/request-log.js';
import { isSmall } from '../memory/memory-need.js';
import { runApart } from '../memory/run-apart.js';
import { countedNeed, runNeed } from '../memory/run-need.js';
import { forgettingArrivals, handedOver, takenOver } from '../memory/shared-scenario.js';
import { type LoadedScenario, loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';
import { version } from './package-facts.js';
import { replicationSeed } from './replication-seed.js';

export interface ReplicationOptions {
  readonly overrides?: ScenarioOverrides;
  /** Replications, each under a seed of its own; a whole number, 1 by default. */
  readonly runs?: number;
  /** Worker threads for components; 1 = in this thread. */
  readonly threads?: number;
  readonly progress?: (text: string) => void;
  /** Told where the runs will take most of the memory that is free, before they begin. */
  readonly notify?: (text: string) => void;
}

export interface RunOptions extends ReplicationOptions {
  /** Also simulate what no placement can beat. */
  readonly bounds?: boolean;
  /**
   * Also simulate all models as slow and as fast as is possible by what is not known of their profiles, two more runs; with
   * `reasons` of each reason alone, too, where there are several. Default: neither.
   */
  readonly doubt?: 'ends' | 'reasons';
  /** Whether every request of the first run is asked for, which takes four times the memory. Default false. */
  readonly log?: boolean;
  /** Whether charts will be drawn from the report. Default true. */
  readonly series?: boolean;
}

export interface ScenarioRun {
  readonly loaded: LoadedScenario;
  readonly runs: readonly MeasuredScenario[];
  /** The first run where all models are as fast, and as slow, as the errors of their profiles allow; only with `doubt`. */
  readonly ends?: Ends;
  readonly report: RunReport;
  /** Every request of the first run, where it was asked for. */
  readonly log?: RequestLog;
}

/**
 * Reads a scenario file, simulates it and builds its report.
 * @throws InputError for mistakes in the scenario or a file it names, MemoryError where memory does not suffice
 */
export async function runScenario(path: string, options: RunOptions = {}): Promise<ScenarioRun> {
  requireCounts({ runs: options.runs, threads: options.threads });
  const checked = await loadScenario(path, options.overrides);
  const { progress, notify, ...plain } = options;
  const { warnings, spec } = checked;
  const isForgotten = !keepsRequests(checked, options) && isCounted(checked.scenario);
  const need = isForgotten
    ? countedNeed(checked.scenario, options.threads)
    : runNeed(checked.scenario, options);
  const loaded = isForgotten ? { ...checked, scenario: forgettingArrivals(checked.scenario) } : checked;
  // A large run has a thread of its own, to which arrivals would be copied.
  const scenario = isSmall(need) ? loaded.scenario : handedOver(loaded.scenario);
  const argument: RunArgument = { path, read: { scenario, warnings, spec }, options: plain };
  const run = await runApart(need, simulateRead, SIMULATE_WORKER, argument, { progress, notify });
  const runs = run.runs.map((one) => ({ ...one, scenario: takenOver(one.scenario) }));
  return { loaded, ...run, runs };
}

/** Whether columns of all requests, or of their latencies, are asked for. */
function keepsRequests({ spec }: Pick<LoadedScenario, 'spec'>, { runs = 1, log }: RunOptions): boolean {
  return runs > 1 || log === true || spec.measured !== undefined;
}

export type ReadScenario = Pick<LoadedScenario, 'scenario' | 'warnings' | 'spec'>;

const SIMULATE_WORKER = new URL('../memory/threads/simulate-worker.js', import.meta.url);

export interface RunArgument {
  readonly path: string;
  readonly read: ReadScenario;
  readonly options: Omit<SimulateOptions, 'progress' | 'notify'>;
}

interface SimulateOptions extends RunOptions {
  /** What is simulated in place of each replication's scenario. It cannot be sent to a thread. */
  readonly change?: (scenario: Scenario) => Scenario;
}

/** Simulates a scenario that has been read, and builds its report. */
export async function simulateRead(
  { path, read: handed, options }: RunArgument,
  progress?: (text: string) => void,
  onThreads = ON_THREADS_LATER,
): Promise<Omit<ScenarioRun, 'loaded'>> {
  const { runs: count = 1, threads = 1 } = options;
  const read = { ...handed, scenario: takenOver(handed.scenario) };
  const keepsLatencies = count > 1 || read.spec.measured !== undefined;
  const runs: MeasuredScenario[] = [];
  let log: RequestLog | undefined;
  await eachReplication(
    path,
    read,
    { ...options, ...(progress && { progress }) },
    async (scenario, onProgress) => {
      const hasSeries = options.series !== false && runs.length === 0;
      const isLogged = options.log === true && runs.length === 0;
      const wanted = { keepsLatencies, isLogged, hasSeries, threads, onProgress, onThreads };
      const one = await simulateOne(scenario, wanted);
      log ??= one.log;
      runs.push(one.run);
    },
  );
  const report = reportOf(runs, {
    version: version(),
    scenarioFile: path,
    warnings: read.warnings,
    measured: read.spec.measured,
    series: options.series ?? true,
  });
  const bounds = options.bounds === false ? undefined : boundsFor(read.scenario, report);
  const doubted =
    options.doubt && (await doubtIn(runs[0]!.scenario, report, options.doubt, { threads, onThreads }));
  return {
    runs,
    report: { ...report, ...(bounds && { bounds }), ...(doubted && { doubt: doubted.doubt }) },
    ...(doubted && { ends: doubted.ends }),
    ...(log && { log }),
  };
}

interface OneRun {
  readonly threads: number;
  readonly onThreads?: typeof ON_THREADS_LATER;
  readonly keepsLatencies?: boolean;
  readonly isLogged?: boolean;
  readonly hasSeries?: boolean;
  readonly onProgress?: (share: number) => void;
}

/** One run, with its log where that is asked for. What comes and goes in mid-run is told by whole results alone. */
export async function simulateOne(
  scenario: Scenario,
  {
    threads,
    onThreads = ON_THREADS_LATER,
    keepsLatencies = false,
    isLogged = false,
    hasSeries = false,
    onProgress,
  }: OneRun,
): Promise<{ readonly run: MeasuredScenario; readonly log?: RequestLog }> {
  if (isLogged || scenario.changes !== undefined) {
    const result = await simulateScenario(scenario, threads, onProgress, onThreads);
    return { run: measured({ scenario, result }, hasSeries), ...(isLogged && { log: result.log }) };
  }
  const wanted = {
    keepsLatencies,
    ...(onProgress && { onProgress }),
    ...(hasSeries && { series: SERIES_SIZE }),
  };
  return { run: { scenario, figures: await measureScenario(scenario, threads, wanted, onThreads) } };
}

/** More runs under the seed of the first, with all profiles at one end of their doubts and at the other. */
async function doubtIn(
  scenario: Scenario,
  { summary }: RunReport,
  wanted: 'ends' | 'reasons',
  options: OneRun,
): Promise<{ readonly doubt: RunDoubt; readonly ends: Ends }> {
  const run = async (...change: ['slow' | 'fast', (readonly Doubt[])?]) =>
    (await simulateOne(atTimeErrors(scenario, ...change), options)).run;
  const ends = { fast: await run('fast'), slow: await run('slow') };
  const open = wanted === 'reasons' ? doubtsIn(scenario) : [];
  const reasons = new Map<Doubt, Ends>();
  for (const doubt of open) {
    // The only reason is all that there is.
    const own =
      open.length === 1 ? ends : { fast: await run('fast', [doubt]), slow: await run('slow', [doubt]) };
    reasons.set(doubt, own);
  }
  return { doubt: doubtFrom(timeErrorsIn(scenario), summary, ends, reasons), ends };
}

/** Of many tenants, for those most in need of attention, which short reports show. */
function boundsFor(scenario: Scenario, { summary }: RunReport): TenantBound[] {
  const shown = selectTenants(summary.tenants, MOST_BOUNDED);
  return latencyBounds(
    scenario,
    shown.map(({ tenant }) => tenant),
  );
}

/** Runs a scenario that was read from a file under one seed after the other, those of {@link replicationSeed}. */
async function eachReplication(
  path: string,
  loaded: Pick<LoadedScenario, 'scenario'>,
  { overrides, runs = 1, progress, change = (scenario) => scenario }: SimulateOptions,
  run: (scenario: Scenario, onProgress: (share: number) => void) => Promise<void>,
): Promise<void> {
  for (let i = 1; i <= runs; i++) {
    const seed = replicationSeed(loaded.scenario.seed, i);
    const { scenario } = i === 1 ? loaded : await loadScenario(path, { ...overrides, seed });
    await run(change(scenario), (share) =>
      progress?.(`run ${i} of ${runs}: ${Math.round(100 * share)} % simulated`),
    );
  }
}

/** Simulates all components, on worker threads where several are asked for; same bytes either way. */
export async function simulateScenario(
  scenario: Scenario,
  threads: number,
  onProgress: (share: number) => void = () => {},
  onThreads: Pick<OnThreads, 'simulateOnThreads'> = ON_THREADS_LATER,
): Promise<SimulationResult> {
  const components = threads > 1 ? partition(scenario) : [];
  if (components.length > 1) {
    return assemble(scenario, await onThreads.simulateOnThreads(scenario, components, threads, onProgress));
  }
  return simulate(scenario, { onProgress });
}

/** The same, giving figures only. */
async function measureScenario(
  scenario: Scenario,
  threads: number,
  options: MeasureOptions,
  onThreads: OnThreads,
): Promise<RunFigures> {
  const components = threads > 1 ? partition(scenario) : [];
  if (components.length < 2) return measureRun(scenario, options);
  const figures = await onThreads.measureOnThreads(scenario, components, threads, options);
  return assembleFigures(scenario, components, figures, options);
}

type OnThreads = Pick<typeof import('./simulate-on-threads.js'), 'simulateOnThreads' | 'measureOnThreads'>;

/** Loads what worker threads need only where they are asked for. */
const ON_THREADS_LATER: OnThreads = {
  simulateOnThreads: async (...args) => (await import('./simulate-on-threads.js')).simulateOnThreads(...args),
  measureOnThreads: async (...args) => (await import('./simulate-on-threads.js')).measureOnThreads(...args),
};
