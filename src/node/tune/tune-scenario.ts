import { countBefore } from '../../base/count-before.js';
import { InputError } from '../../base/problem.js';
import { requireCounts } from '../../base/require-counts.js';
import type { Warning } from '../../base/warning.js';
import { scenarioFitsMemory } from '../../plan/tune/apply.js';
import { TuneRunner } from '../../plan/tune/job-runner.js';
import type { Objective } from '../../plan/tune/score.js';
import { searchSettings, type TuneSearchResult } from '../../plan/tune/search.js';
import { smallestShare } from '../../plan/tune/smallest-share.js';
import { type SpaceOptions, type TuneSpace, tuneSpace } from '../../plan/tune/space.js';
import { refuseChanges } from '../../scenario/changes.js';
import type { Scenario } from '../../scenario/scenario.js';
import { simulate } from '../../simulator/simulate.js';
import { isSmall, requireMemory } from '../memory/memory-need.js';
import { candidatesNeed } from '../memory/run-need.js';
import { type LoadedScenario, loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';
import { driveSearch, type Evaluation, runInline, withThreads } from './drive-search.js';

export interface TuneOptions {
  readonly overrides?: ScenarioOverrides;
  readonly objective: Objective;
  readonly space?: SpaceOptions;
  /** How much may be simulated before the final, in whole runs of the scenario. Default 1000. */
  readonly budgetRuns?: number;
  /** Replications of the final. Default 5. */
  readonly replications?: number;
  readonly threads?: number;
  readonly progress?: (text: string) => void;
  /** Told where the runs will take most of the memory that is free, before they begin. */
  readonly notify?: (text: string) => void;
}

export interface TuneOutcome {
  readonly file: string;
  readonly loaded: LoadedScenario;
  readonly objective: Objective;
  readonly space: TuneSpace;
  readonly result: TuneSearchResult;
  readonly evaluations: readonly Evaluation[];
  /** The winner as a scenario. */
  readonly best: Scenario;
  /** Where the winner leaves what its profiles were measured for. */
  readonly warnings: readonly Warning[];
}

const BUDGET_RUNS = 1000;
const REPLICATIONS = 5;

/**
 * Searches the settings of a scenario's models on the devices that they have. Same scenario, options and
 * version: same outcome, whatever the number of threads.
 * @throws InputError for mistakes in the scenario or in what is to be searched
 */
export async function tuneScenario(file: string, options: TuneOptions): Promise<TuneOutcome> {
  const { overrides = {}, objective, threads = 1, progress } = options;
  requireCounts({ budgetRuns: options.budgetRuns, replications: options.replications, threads });
  const loaded = await loadScenario(file, overrides);
  const { spec, resources, scenario } = loaded;
  refuseChanges(spec.changes, 'tune', { file, path: 'changes' });
  requirePrices(scenario, objective, file);
  requireCounted(scenario, file);
  const space = tuneSpace(spec, scenario, options.space);
  const runner = new TuneRunner({ spec, resources, space });
  const search = searchSettings(space, {
    objective,
    budgetRuns: options.budgetRuns ?? BUDGET_RUNS,
    replications: options.replications ?? REPLICATIONS,
    smallestShare: smallestShare(scenario),
    isFeasible: (candidate) => scenarioFitsMemory(runner.scenarioOf(candidate)),
  });
  const need = candidatesNeed(scenario, threads);
  requireMemory(need, options.notify);
  const drive = (runJobs: ReturnType<typeof runInline>) => driveSearch(search, runJobs, progress);
  const { result, evaluations } =
    threads > 1 || !isSmall(need)
      ? await withThreads({ file, overrides, space }, threads, drive)
      : await drive(runInline(runner));
  const best = runner.scenarioOf(result.finalists[0]!.candidate);
  const { warnings } = simulate(best);
  return { file, loaded, objective, space, result, evaluations, best, warnings };
}

/** An SLO of which no request is counted would be called met by any setting, and settings for no load at all be the best. */
function requireCounted({ tenants, warmUpUs, durationUs }: Scenario, file: string): void {
  const idle = tenants.filter(
    ({ load }) =>
      load.mode !== 'closed' && countBefore(load.trace.arrivalUs, warmUpUs) === load.trace.arrivalUs.length,
  );
  const first =
    idle.find(({ slo }) => slo !== undefined) ?? (idle.length === tenants.length ? idle[0] : undefined);
  if (first === undefined) return;
  throw InputError.of(
    `no request of "${first.name}" falls into the ${(durationUs - warmUpUs) / 1e6} s counted`,
    'write a longer durationS, or leave the tenant out',
    { file },
  );
}

function requirePrices({ servers, tenants }: Scenario, objective: Objective, file: string): void {
  const isPriced =
    servers.some(({ machine }) => machine.usdPerHour > 0) ||
    tenants.some(({ slo }) => slo?.penaltyUsdPerHour);
  if (objective !== 'cost' || isPriced) return;
  throw InputError.of(
    'no machine has a price, so every setting costs the same',
    'write machine: {usdPerHour: …} for the servers, or choose another objective',
    { file },
  );
}
