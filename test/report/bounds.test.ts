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
  ['an instance', { linearIdlePenalty: { freeMs: 1, msPerIdleMs: 0.1, maxIdleMs: 50 } }],
  ['its clock', { warmUpState: { timeConstantMs: 50, coldSpeed: 0.5 } }],
])('the bound of devices without limit holds where others keep %s awake', (_, parts) => {
  const spec = keptAwake(parts);
  const [rare] = latencyBounds(spec);
  expect(rare!.tenant).toBe('rare');
  expect(rare!.p50Ms).toBeLessThanOrEqual(p50Ms(spec));
});

it('the bound of a long load comes from a sample that is like the whole: busy and quiet stretches alike', () => {
  const queue = { ...config('m', 8, { maxQueueDelayUs: 2000 }) };
  const models = [
    { config: queue, profile: profile('m', 1, 0.5, { spread: { law: 'lognormal', cv: 0.3 } }) },
  ];
  // One second of each ten is five times as busy.
  const gapsUs = Array.from({ length: 300_000 }, (_, i) => ((i % 14) % 10 < 5 ? 400 : 2000));
  let atUs = 0;
  const long = arrivals(gapsUs.map((us) => (atUs += us)));
  const spec = scenario([server('s', { models })], [tenant('t', 'm', long)], atUs / 1e6);
  const whole = latencyBounds({ ...spec, durationUs: atUs / 4 });
  const [sampled] = latencyBounds(spec);
  expect(sampled!.p50Ms / whole[0]!.p50Ms).toBeCloseTo(1, 1);
  expect(sampled!.p99Ms / whole[0]!.p99Ms).toBeCloseTo(1, 1);
});

it('the bound of devices without limit has no TensorRT model wait for its turn: each instance has a GPU', () => {
  const models = [{ config: config('m', 1), profile: profile('m', 1, 0), more: { takesTurns: true } }];
  const spec = scenario([server('s', { models })], [tenant('t', 'm', arrivals([0, 0, 0, 0]))], 1);
  expect(latencyBounds(spec)).toMatchObject([{ p50Ms: 1, p99Ms: 1 }]);
});
