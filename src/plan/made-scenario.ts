import type { Path } from '../base/path.js';
import type { Place } from '../base/problem.js';
import { measuredRun } from '../measure/measured-run.js';
import { summarize } from '../metrics/summarize.js';
import type { Summary } from '../metrics/summary.js';
import { checkScenario } from '../scenario/check.js';
import type { Loaded, ScenarioResources } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioSpecSchema } from '../scenario/spec.js';
import { simulate } from '../simulator/simulate.js';
import type { Trace } from '../trace/trace.js';
import { type PlanProblem, profilesOn } from './problem-setting.js';
import { type NamedSlot, type PlainScenario, partScenario } from './scenario-of.js';

/** What some slots of a placement are simulated under. */
export interface MadeRun {
  /** Arrivals of a tenant of the plan at these slots. */
  readonly traceOf: (tenant: number) => Trace;
  /** Times the arrivals. Default 1. */
  readonly loadFactor?: number;
  /** Length of the run. Default: the plan's. */
  readonly durationS?: number;
  /** Where something stands that is wrong at a path of the scenario. Default: nowhere. */
  readonly positionOf?: (path: Path, plain: PlainScenario) => Place;
}

const PROFILES = 'profiles';

/**
 * The scenario of some slots of a placement under arrivals at hand, ready to be simulated.
 * @throws InputError with all that is wrong, at the places that `positionOf` knows
 */
export function madeScenario(
  problem: PlanProblem,
  slots: readonly NamedSlot[],
  { traceOf, loadFactor = 1, durationS = problem.spec.durationS, positionOf = () => ({}) }: MadeRun,
): Scenario {
  const traces = new Map<string, Loaded<Trace>>();
  const plain = partScenario(problem, slots, {
    name: problem.spec.name,
    profiles: [PROFILES],
    durationS,
    load: (_, t) => {
      traces.set(`${t}`, { value: traceOf(t) });
      return { trace: { file: `${t}`, fromS: 0, scaleTime: 1, scaleRate: loadFactor } };
    },
  });
  const parsed = scenarioSpecSchema.safeParse(plain);
  if (!parsed.success) throw new Error(`a placement gave no scenario: ${parsed.error.message}`);
  const used = profilesOn(
    problem,
    slots.map(({ slot }) => slot),
  );
  const files = [...new Set(used)].map((profile, i) => ({ file: `${i}`, profile }));
  const resources: ScenarioResources = {
    profiles: new Map([[PROFILES, { value: files }]]),
    configs: new Map(),
    traces,
    mayBeIdle: true,
  };
  const document = { spec: parsed.data, problems: [], positionOf: (path: Path) => positionOf(path, plain) };
  return checkScenario(document, resources).scenario;
}

export function summarizeScenario(scenario: Scenario): Summary {
  return summarize(measuredRun(scenario, simulate(scenario)));
}
