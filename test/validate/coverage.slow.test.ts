import { describe, expect, it } from 'vitest';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import { isCovered } from '../../src/validate/report.js';
import { type RunToCompare, validatedScenario } from '../../src/validate/run-figures.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { live, simulated } from './runs.js';

const spread: Partial<ModelProfile> = {
  spread: { law: 'lognormal', cv: 0.08 },
  frontEnd: { perRequestUs: 40, perKilobyteUs: 0, cv: 0.5 },
  response: { fixedUs: 5, perRequestUs: 15, perKilobyteUs: 0 },
};
const slo = { percentile: 99, limitMs: 12 } as never;

/** Loads and settings that differ in what varies between two runs of them. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a tenant at 30 % load': alone(profile('m', 2, 0.25, spread), 150),
  'a tenant at 80 % load, whose threads race for the batch': scenario(
    [
      server('s', {
        models: [
          { config: config('m', 8, { maxQueueDelayUs: 500 }), profile: profile('m', 2, 0.25, spread) },
        ],
        batcherWinsShare: 0.4,
        wakeUs: 20,
        pickUpUs: 10,
      }),
    ],
    [tenant('t', 'm', poisson('race', 1400, 2800), { slo })],
    3,
  ),
  'bursts on two instances': scenario(
    [
      server('s', {
        models: [{ config: config('m', 8, {}), profile: profile('m', 4, 0.5, spread), instances: 2 }],
      }),
    ],
    [tenant('t', 'm', bursts(20, 30), { slo })],
    3,
  ),
};

function alone(served: ModelProfile, ratePerS: number): Scenario {
  const load = poisson('alone', ratePerS, 4 * ratePerS);
  return scenario(
    [server('s', { models: [{ config: config('m', 8, {}), profile: served }] })],
    [tenant('t', 'm', load, { slo })],
    5,
  );
}

/** `count` groups of `size` requests, 2 ms apart in a group. */
function bursts(count: number, size: number) {
  return arrivals(
    Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * 140_000 + (i % size) * 2000),
  );
}

const REPLICATIONS = 8;
const TRIALS = 16;

/** Whether each measured figure that varies lies in its interval, over many validations of one scenario. */
function insideOf(run: Scenario, repeats: number): readonly boolean[] {
  const measured = live(run, seeds(repeats * TRIALS, 5000));
  const predicted = simulated(run, seeds(REPLICATIONS * TRIALS, 1));
  const part = (runs: readonly RunToCompare[], size: number, trial: number) =>
    runs.slice(size * trial, size * (trial + 1));
  return seeds(TRIALS, 0).flatMap((trial) => {
    const { figures } = compareRuns({
      scenarioName: run.name,
      tenants: validatedScenario(run).tenants,
      measured: part(measured, repeats, trial),
      predicted: part(predicted, REPLICATIONS, trial),
    });
    return figures.flatMap((figure) => (figure.high - figure.low > 1e-6 ? (isCovered(figure) ?? []) : []));
  });
}

const seeds = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);

describe.each([1, 3])('of new runs that vary as the simulator does, %s at a time,', (repeats) => {
  it('90 to 98 % of the figures lie in the interval that was predicted for them', () => {
    const inside = Object.values(SCENARIOS).flatMap((run) => insideOf(run, repeats));
    expect(inside.length).toBeGreaterThan(500);
    const share = inside.filter(Boolean).length / inside.length;
    expect(share).toBeGreaterThanOrEqual(0.9);
    expect(share).toBeLessThanOrEqual(0.98);
  });
});
