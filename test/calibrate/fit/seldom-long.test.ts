import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { designExperiments } from '../../../src/calibrate/design.js';
import { DEFAULT_DESIGN, isOpen } from '../../../src/calibrate/experiment.js';
import { fitProfiles } from '../../../src/calibrate/fit/fit-profiles.js';
import { fitService } from '../../../src/calibrate/fit/service/service.js';
import { fitSpeedDrift } from '../../../src/calibrate/fit/service/speed-drift.js';
import { fitModelSpread } from '../../../src/calibrate/fit/service/spread.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { describeSpread } from '../../../src/profile/describe.js';
import { config, profile } from '../../support/scenario.js';
import { clientOf, counted, observed } from './observed.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

/** Executions of 8 ms, of which one in fifty takes five times as long. */
const US = 8000;
const SHARE = 0.02;
const TIMES = 5;
const MEAN = 1 + SHARE * (TIMES - 1);
const CV = (Math.sqrt(SHARE * (1 - SHARE)) * (TIMES - 1)) / MEAN;

function executions(count: number, seed: number): number[] {
  const random = new Random(seed, 5, 9);
  return Array.from({ length: count }, () => (random.next() < SHARE ? TIMES * US : US));
}

function sequential(batchSize: number, seed: number, count = 1000): Observation {
  const executionsUs = executions(count, seed);
  const client = { ...clientOf('m', mean(executionsUs)), relativeError: (1.96 * CV) / Math.sqrt(count) };
  return observed(
    { kind: 'sequential', id: `m/sequential-${batchSize}`, model: 'm', batchSize },
    {
      executionsUs,
      durationS: (count * MEAN * US) / 1e6,
      clients: [client],
      statistics: [counted('m', count, MEAN * US)],
    },
  );
}

it('a mean under load has its part of the long ones, though most slices of the load hold none', () => {
  const slices = Array.from({ length: 60 }, (_, i) => counted('m', 25, mean(executions(25, i))));
  const load = observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [], slices },
  );
  const { service } = fitService([sequential(1, 0), load], 'm');
  expect(Math.abs((1000 * service[0]!.inferMs) / (MEAN * US) - 1)).toBeLessThan(0.02);
});

it('they are no drift of the speed of the machine, whichever of them are long', () => {
  for (let seed = 0; seed < 10; seed++) {
    const points = [1, 2, 4, 8, 16].map((size) => sequential(size, 100 * seed + size, 600));
    expect(fitSpeedDrift(points, ['m']).get('m')?.cv ?? 0, `seed ${seed}`).toBeLessThan(0.02);
  }
});

it('the usual ones are as short as they are, beside the mean', () => {
  const { p50, p95 } = describeSpread(fitModelSpread([sequential(1, 3), sequential(2, 4)], 'm'));
  expect(p95 / p50 - 1).toBeLessThan(0.04);
});

it('of a model that waits on the host a profile has the long ones, of which few stay alone in sparse loads', () => {
  const waits = {
    ...config('m', 8),
    instanceGroups: [{ name: '', kind: 'KIND_CPU' as const, count: 1, gpus: [], passive: false }],
  };
  const ratios = Array.from({ length: 100 }, (_, i) => (i >= 98 ? TIMES : 1) / MEAN);
  const known = {
    models: [
      { config: waits, profile: profile('m', 7, 1, { device: 'CPU', spread: { law: 'empirical', ratios } }) },
    ],
    serving: SERVING,
  };
  const [found] = fitProfiles({
    configs: [waits],
    observations: designExperiments([waits], DEFAULT_DESIGN).map((experiment) =>
      simulatedObservation(known, experiment, isOpen(experiment) ? 15 : 8),
    ),
    provenance: () => known.models[0]!.profile.provenance,
    deviceOf: () => 'CPU',
    payloadOf: () => ({ requestBytes: 0, responseBytes: 0 }),
    cpuCores: 2,
  }).profiles;
  expect(describeSpread(found!.spread).cv / CV).toBeGreaterThan(0.8);
});
