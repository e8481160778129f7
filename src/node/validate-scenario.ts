import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { InputError } from '../base/problem.js';
import type { LoadProgress } from '../live/load/load-options.js';
import { type LiveRun, type LiveServer, type RunLiveOptions, runLive } from '../live/run-live.js';
import { withGeneratorDelay } from '../scenario/generator-delay.js';
import type { Scenario } from '../scenario/scenario.js';
import { simulate } from '../simulator/simulate.js';
import { compareRuns } from '../validate/compare-runs.js';
import { configDifferences } from '../validate/config-differences.js';
import type { Tolerances } from '../validate/metric.js';
import type { ValidationReport } from '../validate/report.js';
import {
  figuresOfLiveRun,
  figuresOfSimulation,
  type RunFigures,
  type ValidatedScenario,
  validatedScenario,
} from '../validate/run-figures.js';
import { type LoadedScenario, loadScenario, type ScenarioOverrides } from './scenario-files.js';

export interface LivePlan {
  readonly loaded: LoadedScenario;
  readonly servers: readonly LiveServer[];
}

/**
 * Reads a scenario to be played against live servers and makes sure that they serve what it says.
 * @throws InputError where a server has another configuration or no such model; LiveError when it is not there
 */
export async function planLive(
  path: string,
  servers: readonly LiveServer[],
  options: { readonly overrides?: ScenarioOverrides; readonly sameConfig: boolean },
): Promise<LivePlan> {
  const loaded = await loadScenario(path, options.overrides);
  const { scenario } = loaded;
  if (servers.length !== scenario.servers.length) {
    throw new InputError([
      {
        path: '--url',
        what: `${servers.length} addresses for the ${scenario.servers.length} servers of the scenario`,
        remedy: `give one --url for each, in this order: ${scenario.servers.map(({ name }) => name).join(', ')}`,
      },
    ]);
  }
  if (options.sameConfig) await requireSameConfigs(path, scenario, servers);
  return { loaded, servers };
}

async function requireSameConfigs(
  path: string,
  scenario: Scenario,
  servers: readonly LiveServer[],
): Promise<void> {
  const problems = [];
  for (const [s, server] of scenario.servers.entries()) {
    const used = new Set(
      scenario.tenants.flatMap(({ targets }) =>
        targets.filter(({ server }) => server === s).map(({ model }) => model),
      ),
    );
    for (const index of used) {
      const { config } = server.models[index]!;
      const live = await servers[s]!.client.modelConfig(config.name);
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

/** A validation and the runs behind it. */
export interface Validated {
  readonly report: ValidationReport;
  readonly liveRuns: readonly LiveRun[];
  /** What each live run has to say about itself, where it has. */
  readonly remarks: readonly string[];
}

/** Plays the scenario `repeats` times against the live servers, simulates it, and compares. */
export async function validateScenario(
  { loaded, servers }: LivePlan,
  options: ValidateOptions,
): Promise<Validated> {
  const { scenario } = loaded;
  const liveRuns: LiveRun[] = [];
  for (let i = 1; i <= options.repeats; i++) {
    const { onLiveRun } = options;
    const run = await runLive(scenario, {
      ...options,
      servers,
      ...(onLiveRun !== undefined && { onProgress: (progress: LoadProgress) => onLiveRun(i, progress) }),
    });
    liveRuns.push(run);
    if (run.endReason === 'aborted' || run.endReason === 'serverGone') break;
  }
  return { report: compareWithLive(scenario, liveRuns, options), liveRuns, remarks: remarksOf(liveRuns) };
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
    tenants: described.tenants.map(({ name, model }) => ({ name, model })),
    measured: liveRuns.map((run) => figuresOfLiveRun(run, described)),
    predicted: predictedRuns(scenario, described, options.replications),
    ...(options.tolerances !== undefined && { tolerances: options.tolerances }),
  });
}

/** The same arrivals each time, other draws of service times and races. */
function predictedRuns(scenario: Scenario, described: ValidatedScenario, replications: number): RunFigures[] {
  const met = withGeneratorDelay(scenario);
  return Array.from({ length: replications }, (_, i) => {
    const seed = i === 0 ? scenario.seed : `${scenario.seed}/${i + 1}`;
    return figuresOfSimulation(simulate({ ...met, seed }), described);
  });
}

function remarksOf(runs: readonly LiveRun[]): string[] {
  return runs.flatMap(({ remark, generator, errors }, i) => [
    ...(remark === '' ? [] : [`run ${i + 1}: ${remark}`]),
    ...(generator.fellBehind ? [`run ${i + 1}: ${generator.verdict}`] : []),
    ...errors.map(({ kind, count, message }) => `run ${i + 1}: ${count} x ${kind}: ${message}`),
  ]);
}

/** Folder of the first profiles of a scenario: where its history of validations is kept. */
export async function historyFolder(path: string, profiles: readonly string[]): Promise<string> {
  const first = profiles[0]!;
  const place = isAbsolute(first) ? first : join(dirname(path), first);
  const isFolder = await stat(place).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return isFolder ? place : dirname(place);
}
