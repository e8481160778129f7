import type { Path } from '../base/path.js';
import type { Place } from '../base/problem.js';
import { measuredRun } from '../measure/measured-run.js';
import { summarize } from '../metrics/summarize.js';
import type { Summary } from '../metrics/summary.js';
import type { ModelProfile } from '../profile/profile.js';
import { checkScenario } from '../scenario/check.js';
import type { Loaded, ScenarioResources } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioSpecSchema } from '../scenario/spec.js';
import { simulate } from '../simulator/simulate.js';
import type { Trace } from '../trace/trace.js';
import type { PlainScenario } from './scenario-of.js';

/**
 * Checks a scenario made here against profiles and traces at hand.
 * @throws InputError with all that is wrong, at the places that `positionOf` knows
 */
export function resolveScenario(
  plain: PlainScenario,
  profiles: readonly ModelProfile[],
  traces: ReadonlyMap<string, Loaded<Trace>>,
  positionOf: (path: Path) => Place = () => ({}),
): Scenario {
  const parsed = scenarioSpecSchema.safeParse(plain);
  if (!parsed.success) throw new Error(`a placement gave no scenario: ${parsed.error.message}`);
  const files = [...new Set(profiles)].map((profile, i) => ({ file: `${i}`, profile }));
  const resources: ScenarioResources = {
    profiles: new Map((plain['profiles'] as string[]).map((path) => [path, { value: files }])),
    configs: new Map(),
    traces,
    mayBeIdle: true,
  };
  const document = { spec: parsed.data, problems: [], positionOf };
  return checkScenario(document, resources).scenario;
}

export function summarizeScenario(scenario: Scenario): Summary {
  return summarize(measuredRun(scenario, simulate(scenario)));
}
