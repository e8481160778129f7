import { countBefore } from '../../base/count-before.js';
import { plural } from '../../base/plural.js';
import { InputError } from '../../base/problem.js';
import { modelsReached } from '../../live/asked-models.js';
import { LiveError } from '../../live/inference-client.js';
import { isEarlyEnd } from '../../live/load/assemble-run.js';
import type { LoadProgress } from '../../live/load/load-options.js';
import { requirePlayable } from '../../live/playable.js';
import { modelProblems } from '../../live/ready-models.js';
import { runFailure } from '../../live/run-failure.js';
import {
  disturbanceOf,
  type LiveRun,
  type LiveServer,
  type RunLiveOptions,
  runLive,
} from '../../live/run-live.js';
import type { LatencyErrors } from '../../profile/profile.js';
import { refuseChanges } from '../../scenario/changes.js';
import { withGeneratorDelay } from '../../scenario/generator-delay.js';
import type { Scenario } from '../../scenario/scenario.js';
import { simulate } from '../../simulator/simulate.js';
import { asSent } from '../../validate/as-sent.js';
import { compareRuns } from '../../validate/compare-runs.js';
import { configDifferences } from '../../validate/config-differences.js';
import type { Tolerances } from '../../validate/metric.js';
import { profileVariants } from '../../validate/profile-variants.js';
import type { ValidationReport } from '../../validate/report.js';
import {
  figuresOfLiveRun,
  figuresOfSimulation,
  type RunToCompare,
  type ValidatedScenario,
  validatedScenario,
} from '../../validate/run-figures.js';
import { replicationSeed } from '../runs/replication-seed.js';
import { type LoadedScenario, loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';

/** A scenario and the live servers that stand for its servers, in its order. */
export interface LivePlan {
  readonly loaded: LoadedScenario;
  readonly servers: readonly LiveServer[];
}

/**
 * Reads a scenario to be played against live servers and makes sure that they serve it.
 * @throws InputError as {@link requireAddresses}, {@link requirePlayable} and {@link requireServed}; LiveError when a server is not there
 */
export async function planLive(
  path: string,
  servers: readonly LiveServer[],
  { overrides, sameConfig }: { readonly overrides?: ScenarioOverrides; readonly sameConfig: boolean },
): Promise<LivePlan> {
  const plan = { loaded: await loadScenario(path, overrides), servers };
  refuseChanges(plan.loaded.spec.changes, 'a live run', { file: path, path: 'changes' });
  requireAddresses(plan.loaded.scenario, servers.length);
  requirePlayable(plan.loaded.scenario);
  await requireServed(path, plan, { sameConfig });
  return plan;
}

/** @throws InputError when there is not one address for each server of the scenario */
export function requireAddresses({ servers }: Scenario, addresses: number): void {
  if (addresses === servers.length) return;
  const names = servers.map(({ name }) => name).join(', ');
  throw InputError.of(
    `${addresses} ${plural(addresses, 'address', 'addresses')} for the ${servers.length} ${plural(servers.length, 'server')} of the scenario`,
    `give one --url for each, in this order: ${names}`,
    { path: '--url' },
  );
}

/**
 * Makes sure that live servers have the models of the scenario ready and, with `sameConfig`, serve them as it
 * says.
 * @throws InputError with every difference; LiveError when a server is not there
 */
export async function requireServed(
  path: string,
  { loaded: { scenario }, servers }: LivePlan,
  { sameConfig }: { readonly sameConfig: boolean },
): Promise<void> {
  const problems = [];
  for (const [s, server] of scenario.servers.entries()) {
    const { client } = servers[s]!;
    const configs = modelsReached(scenario, s).map(({ config }) => config);
    const missing = await modelProblems(
      client,
      configs.map(({ name }) => name),
    );
    problems.push(...missing.map((each) => ({ file: path, path: `servers.${server.name}`, ...each })));
    if (!sameConfig || missing.length > 0) continue;
    for (const config of configs) {
      const live = await client.modelConfig(config.name);
      for (const what of configDifferences(live.config, config)) {
        problems.push({
          file: path,
          path: `servers.${server.name}.models.${config.name}`,
          what,
          remedy: 'change one of the two; perseus calibrate writes a scenario of the server as it is',
        });
      }
    }
  }
  if (problems.length > 0) throw new InputError(problems);
}

export interface ValidateOptions extends Pick<RunLiveOptions, 'pacer' | 'threads' | 'signal' | 'inputs'> {
  readonly repeats: number;
  /** Simulated replications; at least five for steady intervals. */
  readonly replications: number;
  readonly tolerances?: Tolerances;
  readonly onLiveRun?: (repeat: number, progress: LoadProgress) => void;
}

export interface Validated {
  /** Of the live runs that were played to their end and did not fail; undefined where there is none. */
  readonly report: ValidationReport | undefined;
  readonly liveRuns: readonly LiveRun[];
  /** Why a live run is no measurement, where one is not; the runs after it were not played. */
  readonly failure: LiveError | undefined;
  /** The user stopped it. */
  readonly interrupted: boolean;
  /** What each live run has to say about itself, where it has. */
  readonly remarks: readonly string[];
}

/**
 * Plays the scenario `repeats` times against the live servers, simulates it, and compares. A run that fails or
 * is stopped ends it; the runs before it are compared all the same.
 * @throws InputError where the scenario sends nothing, of which every prediction would come true
 */
export async function validateScenario(
  { loaded, servers }: LivePlan,
  options: ValidateOptions,
): Promise<Validated> {
  const { scenario } = loaded;
  requireRequests(scenario);
  const liveRuns: LiveRun[] = [];
  let failure: LiveError | undefined;
  let interrupted = false;
  for (let i = 1; i <= options.repeats && failure === undefined && !interrupted; i++) {
    const run = await playOnce(scenario, servers, options, i);
    if (run instanceof LiveError) failure = run;
    else {
      liveRuns.push(run);
      failure = runFailure(run);
      interrupted = run.endReason === 'aborted';
    }
  }
  const whole = liveRuns.filter((run) => !isEarlyEnd(run.endReason) && runFailure(run) === undefined);
  const compared = whole.length === 0 ? undefined : compareWithLive(scenario, whole, options);
  const report = compared && interrupted ? { ...compared, interrupted } : compared;
  return { report, liveRuns, failure, interrupted, remarks: remarksOf(liveRuns) };
}

function requireRequests({ name, tenants, durationUs }: Scenario): void {
  const sends = tenants.some(
    ({ load }) => load.mode === 'closed' || countBefore(load.trace.arrivalUs, durationUs) > 0,
  );
  if (sends) return;
  throw InputError.of(
    `no tenant of ${name} sends a request within its ${durationUs / 1e6} s`,
    'give it a longer durationS, or a load with requests',
  );
}

/** The runs before it are worth something also when the server is gone before this one begins. */
async function playOnce(
  scenario: Scenario,
  servers: readonly LiveServer[],
  options: ValidateOptions,
  repeat: number,
): Promise<LiveRun | LiveError> {
  const { onLiveRun } = options;
  const onProgress = onLiveRun && ((progress: LoadProgress) => onLiveRun(repeat, progress));
  try {
    return await runLive(scenario, { ...options, servers, ...(onProgress !== undefined && { onProgress }) });
  } catch (error) {
    if (error instanceof LiveError) return error;
    throw error;
  }
}

/** Simulates the scenario as the load generator meets it, and compares with live runs of it. */
export function compareWithLive(
  scenario: Scenario,
  liveRuns: readonly LiveRun[],
  options: Pick<ValidateOptions, 'replications' | 'tolerances'>,
): ValidationReport {
  const described = validatedScenario(scenario);
  return compareRuns({
    scenarioName: scenario.name,
    tenants: described.tenants,
    ...(described.steps !== undefined && { steps: described.steps }),
    measured: liveRuns.map((run) => figuresOfLiveRun(run, described)),
    predicted: predictedRuns(scenario, described, liveRuns, options.replications),
    profileVariants: variantRuns(scenario, described, liveRuns[0]!),
    latencyErrors: latencyErrorsOf(scenario),
    ...(options.tolerances !== undefined && { tolerances: options.tolerances }),
  });
}

/** The arrivals of one live run after the other, as they were sent; other draws of service times and races each time. */
function predictedRuns(
  scenario: Scenario,
  described: ValidatedScenario,
  liveRuns: readonly LiveRun[],
  replications: number,
): RunToCompare[] {
  return Array.from({ length: replications }, (_, i) => {
    const seed = replicationSeed(scenario.seed, i + 1);
    return predicted({ ...scenario, seed }, described, liveRuns[i % liveRuns.length]!);
  });
}

/** As perseus' own load generator meets the server. */
function predicted(scenario: Scenario, described: ValidatedScenario, live: LiveRun): RunToCompare {
  const { scenario: sent, fromPlan } = asSent(withGeneratorDelay(scenario), live.log);
  const result = simulate(sent);
  return figuresOfSimulation({ ...result, log: fromPlan(result.log) }, described);
}

/** What the errors of the profiles move: the same seed, so that nothing else differs. */
function variantRuns(scenario: Scenario, described: ValidatedScenario, live: LiveRun) {
  const figuresOf = (variant: Scenario) => predicted(variant, described, live);
  return profileVariants(scenario).map(({ up, down }) => ({ up: figuresOf(up), down: figuresOf(down) }));
}

/** What each tenant's profile says of itself. */
function latencyErrorsOf({ tenants, servers }: Scenario): ReadonlyMap<string, LatencyErrors> {
  return new Map(
    tenants.flatMap(({ name, targets }) => {
      const [target] = targets;
      const served = target && servers[target.server]?.models[target.model];
      const errors = served?.instances[0]?.profile.fit?.latencyErrorPercent;
      return errors === undefined ? [] : [[name, errors] as const];
    }),
  );
}

/** What people should know of each run; why one failed is told apart. */
function remarksOf(runs: readonly LiveRun[]): string[] {
  return runs.flatMap((run, i) => [
    ...(run.remark === '' || runFailure(run) !== undefined ? [] : [`run ${i + 1}: ${run.remark}`]),
    ...(run.generator.fellBehind ? [`run ${i + 1}: ${run.generator.verdict}`] : []),
    ...disturbanceOf(run).map((said) => `run ${i + 1}: ${said}`),
  ]);
}
