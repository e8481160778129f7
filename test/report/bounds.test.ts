import { expect, it } from 'vitest';
import type { ModelProfile } from '../../src/profile/profile.js';
import { latencyBounds } from '../../src/report/bounds.js';
import { summarizeRun } from '../../src/report/build-report.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { SERVING } from '../calibrate/fit/simulated-observations.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const every = (us: number) => arrivals(Array.from({ length: 6e6 / us }, (_, i) => i * us));

/** A model that one tenant asks now and then, and another one nearly all the time. */
function keptAwake(parts: Partial<ModelProfile>): Scenario {
  const models = [{ config: config('m', 1), profile: profile('m', 1, 0, parts) }];
  const tenants = [tenant('rare', 'm', every(5000)), tenant('busy', 'm', every(2000))];
  return scenario([server('s', { models })], tenants, 6);
}

function p50Ms(spec: Scenario): number {
  const [rare] = summarizeRun({ scenario: spec, result: simulate(spec) }).tenants;
  return rare!.latencyMs.percentiles.find(({ percentile }) => percentile === 50)!.ms.value;
}

const phasesByRate = [
  { requestsPerS: 10, inputUs: 0, inferUs: 5000, outputUs: 0 },
  { requestsPerS: 500, inputUs: 0, inferUs: 0, outputUs: 0 },
];

it.each<[string, Partial<ModelProfile>]>([
  ['the server', { serving: { ...SERVING, phasesByRate } }],
  ['an instance', { afterIdle: { freeMs: 1, msPerIdleMs: 0.1, maxIdleMs: 50 } }],
  ['its caches', { cooling: { fromMs: 1, maxIdleMs: 100, inferMsPerDoubling: 1 } }],
  ['its clock', { warmth: { timeConstantMs: 50, coldSpeed: 0.5 } }],
])('the bound of devices without limit holds where others keep %s awake', (_, parts) => {
  const spec = keptAwake(parts);
  const [rare] = latencyBounds(spec);
  expect(rare!.tenant).toBe('rare');
  expect(rare!.p50Ms).toBeLessThanOrEqual(p50Ms(spec));
});
