import { expect, it } from 'vitest';
import { designExperiments } from '../../../src/calibrate/design.js';
import { DEFAULT_DESIGN, type Experiment, isOpen } from '../../../src/calibrate/experiment.js';
import { fitProfiles } from '../../../src/calibrate/fit/fit-profiles.js';
import { describeSpread } from '../../../src/profile/describe.js';
import { config, profile } from '../../support/scenario.js';
import { type KnownServer, SERVING, simulatedObservation } from './simulated-observations.js';

const CV = 0.6;

/** A model that waits on the host, for times of which one in a hundred is three times the mean. */
const SCATTERED: KnownServer = {
  models: [
    {
      config: {
        ...config('scattered', 8, {}),
        instanceGroups: [{ name: '', kind: 'KIND_CPU', count: 1, gpus: [], passive: false }],
      },
      profile: profile('scattered', 4, 0.5, { device: 'CPU', spread: { law: 'lognormal', cv: CV } }),
    },
  ],
  serving: SERVING,
};

function fitted(isMeasured: (experiment: Experiment) => boolean) {
  const configs = SCATTERED.models.map((each) => each.config);
  return fitProfiles({
    configs,
    observations: designExperiments(configs, DEFAULT_DESIGN)
      .filter(isMeasured)
      .map((experiment) => simulatedObservation(SCATTERED, experiment, isOpen(experiment) ? 15 : 8)),
    provenance: () => SCATTERED.models[0]!.profile.provenance,
    deviceOf: () => 'CPU',
    payloadOf: () => ({ requestBytes: 0, responseBytes: 0 }),
    cpuCores: 2,
  });
}

it('finds a wide scatter of a model that waits, whose long executions seldom stay alone in sparse loads', () => {
  const [found] = fitted(() => true).profiles;
  const { cv, p99 } = describeSpread(found!.spread);
  const known = describeSpread({ law: 'lognormal', cv: CV });
  expect(Math.abs(cv / CV - 1)).toBeLessThan(0.1);
  expect(Math.abs(p99 / known.p99 - 1)).toBeLessThan(0.1);
});

it('does not take the chance of few scattered executions for the time of their batch size', () => {
  const [found] = fitted(() => true).profiles;
  for (const { batchSize, inferMs } of found!.service)
    expect(Math.abs(inferMs / (4 + 0.5 * batchSize) - 1), `batch ${batchSize}`).toBeLessThan(0.06);
});

it('claims no load and no accuracy where only single clients were measured', () => {
  const { profiles, uncertain } = fitted(({ kind }) => kind === 'sequential');
  expect(profiles[0]!.region.maxUtilization).toBe(0);
  expect(profiles[0]!.fit).toBeUndefined();
  expect(uncertain.join('\n')).toContain('scattered: no load was measured');
});

it('claims to hold up to the highest load that was measured', () => {
  const upTo = (most: number) =>
    fitted((experiment) => experiment.kind !== 'poisson' || experiment.loadShare <= most).profiles[0]!.region
      .maxUtilization;
  expect(upTo(0.75)).toBe(0.75);
  expect(upTo(0.6)).toBe(0.6);
});
