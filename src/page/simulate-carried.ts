import { InputError, type Problem } from '../base/problem.js';
import { measureRun } from '../measure/measure-run.js';
import { type MeasuredScenario, measured, reportOf, SERIES_SIZE } from '../report/build-report.js';
import { resultHash } from '../report/result-hash.js';
import { type CheckedScenario, checkScenario } from '../scenario/check.js';
import type { ScenarioResources } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import type { LoadSpec } from '../scenario/spec/tenant-spec.js';
import { parseScenarioSpec, type ScenarioSpec, scenarioSpecSchema } from '../scenario/spec.js';
import { simulate } from '../simulator/simulate.js';
import { meanRatePerS } from '../trace/synthesis/mean-rate.js';
import { traceLength } from '../trace/trace.js';
import type { ScenarioData } from './carried.js';
import type { PageAnswer } from './page-answer.js';

export type Answered = PageAnswer | { readonly problems: readonly Problem[] };

/** What one closed-loop client may send, for the length of a window only. */
const CLOSED_LOOP_PER_S = 50;

/** Requests of a window that is simulated while somebody still drags. */
export const GLANCE_REQUESTS = 6000;

/**
 * Checks and simulates a scenario, or the beginning of it with about so many requests.
 * Never throws for what is wrong in the scenario: that is in `problems`.
 */
export function simulateCarried(
  data: ScenarioData,
  resources: ScenarioResources,
  options: { readonly version: string; readonly mostRequests?: number },
): Answered {
  try {
    const spec = specOf(data);
    const window =
      options.mostRequests === undefined ? spec : shortened(spec, options.mostRequests, resources);
    const { scenario, warnings } = checkSpec(window, resources);
    const report = reportOf([measure(scenario, spec.measured !== undefined)], {
      version: options.version,
      scenarioFile: `${spec.name}.yaml`,
      warnings,
      measured: spec.measured,
    });
    return { report, hash: resultHash(report.summary), isWhole: window === spec };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
}

/** One run, measured. What comes and goes in mid-run is told by whole results alone. */
export function measure(scenario: Scenario, keepsLatencies: boolean): MeasuredScenario {
  if (scenario.changes !== undefined) return measured({ scenario, result: simulate(scenario) }, true);
  return { scenario, figures: measureRun(scenario, { series: SERIES_SIZE, keepsLatencies }) };
}

/** @throws InputError with everything that is wrong in the data */
export function specOf(data: ScenarioData): ScenarioSpec {
  const parsed = scenarioSpecSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new InputError(parseScenarioSpec(JSON.stringify(data)).problems);
}

/** @throws InputError with everything that does not fit together */
export function checkSpec(spec: ScenarioSpec, resources: ScenarioResources): CheckedScenario {
  return checkScenario({ spec, problems: [], positionOf: () => ({}) }, resources);
}

/** The beginning of a scenario that has about so many requests; the same one where it has no more. */
function shortened(spec: ScenarioSpec, mostRequests: number, { traces }: ScenarioResources): ScenarioSpec {
  const durationS = spec.durationS ?? 0;
  const perS = spec.tenants.reduce((sum, { load }) => sum + expectedPerS(load, durationS, traces), 0);
  const share = mostRequests / (perS * durationS);
  if (!(share < 1)) return spec;
  const changes = spec.changes?.filter(({ atS }) => atS < durationS * share);
  return {
    ...spec,
    durationS: durationS * share,
    warmUpS: spec.warmUpS * share,
    ...(changes && { changes }),
  };
}

/** Roughly: it decides only how much is simulated while somebody drags. */
function expectedPerS(load: LoadSpec, durationS: number, traces: ScenarioResources['traces']): number {
  if (load.process !== undefined) return meanRatePerS(load.process, durationS);
  if (load.closedLoop !== undefined) return load.closedLoop.concurrency * CLOSED_LOOP_PER_S;
  const trace = traces.get(load.trace!.file)?.value;
  return trace === undefined ? 0 : (traceLength(trace) / (trace.durationUs / 1e6)) * load.trace!.scaleRate;
}
