import type { ModelProfile } from '../../src/profile/profile.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import type { ValidationReport } from '../../src/validate/report.js';
import {
  figuresOfLiveRun,
  figuresOfSimulation,
  type RunToCompare,
  validatedScenario,
} from '../../src/validate/run-figures.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { liveRunOf } from './live-run-of.js';

/** Two tenants with a model each on one device, and a third that shares the model of the first. */
export function threeTenants(fixedMs = 2): Scenario {
  const parts: Partial<ModelProfile> = {
    spread: { law: 'lognormal', cv: 0.1 },
    frontEnd: { perRequestUs: 40, perKilobyteUs: 0 },
    response: { fixedUs: 0, perRequestUs: 15, perKilobyteUs: 0 },
    interference: {
      pairs: [
        { model: 'a', slowdown: 1.4 },
        { model: 'b', slowdown: 1.4 },
      ],
    },
  };
  const models = [
    { config: config('a', 8, {}), profile: profile('a', fixedMs, 0.25, parts) },
    { config: config('b', 4, {}), profile: profile('b', 3, 0.5, parts) },
  ];
  const slo = { percentile: 99, limitMs: 10 } as never;
  return scenario(
    [server('s', { models, sharing: { mode: 'streams' } })],
    [
      tenant('web', 'a', poisson('web', 120, 1200), { slo }),
      tenant('batch', 'b', poisson('batch', 60, 600), { targets: [{ server: 0, model: 1 }] }),
      tenant('mobile', 'a', poisson('mobile', 60, 600)),
    ],
    11,
  );
}

export function simulated(run: Scenario, seeds: readonly number[]): RunToCompare[] {
  return seeds.map((seed) => figuresOfSimulation(simulate({ ...run, seed }), validatedScenario(run)));
}

/** The same, as live runs of a server that behaves as the simulator does. */
export function live(run: Scenario, seeds: readonly number[]): RunToCompare[] {
  return seeds.map((seed) => {
    const result = simulate({ ...run, seed });
    return figuresOfLiveRun(liveRunOf(result, run), validatedScenario(run));
  });
}

export function compared(measuredBy: Scenario, predictedBy: Scenario): ValidationReport {
  return compareRuns({
    scenarioName: 'three tenants',
    tenants: validatedScenario(predictedBy).tenants,
    measured: live(measuredBy, [101, 102, 103]),
    predicted: simulated(predictedBy, [1, 2, 3, 4, 5]),
  });
}
