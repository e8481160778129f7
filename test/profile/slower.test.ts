import { expect, test } from 'vitest';
import { slowerProfile } from '../../src/profile/slower.js';
import { SERVING } from '../calibrate/fit/simulated-observations.js';
import { profile } from '../support/scenario.js';

const measured = profile('m', 2, 0.5, {
  perRequest: { inputUs: 10 },
  response: { fixedUs: 100, perRequestUs: 20, perKilobyteUs: 1, releaseUs: 10 },
  frontEnd: { perRequestUs: 40, perKilobyteUs: 2, cv: 0.3 },
  serving: { ...SERVING, batcherSignalUs: 30, requestCpuUs: 200, executionCpuUs: 100 },
});

test('a slower machine takes longer for all that it does, and the network delay to it stays as it is', () => {
  const slower = slowerProfile(measured, 1.2);
  expect(slower.service.map(({ inferMs }) => inferMs)).toEqual(
    measured.service.map(({ inferMs }) => inferMs * 1.2),
  );
  expect(slower.perRequest).toEqual({ inputUs: 12 });
  expect(slower.response).toEqual({ fixedUs: 120, perRequestUs: 24, perKilobyteUs: 1.2, releaseUs: 12 });
  expect(slower.frontEnd).toEqual({ perRequestUs: 48, perKilobyteUs: 2.4, cv: 0.3 });
  expect(slower.serving).toEqual({
    ...measured.serving,
    batcherSignalUs: 36,
    requestCpuUs: 240,
    executionCpuUs: 120,
  });
});

test('its executions take as many times as long after a pause and at a low rate, too', () => {
  const atLowRate = { requestsPerS: 10, executionsPerS: 9, inputUs: 10, inferUs: 0, outputUs: 100 };
  const slower = slowerProfile(
    {
      ...measured,
      linearIdlePenalty: { freeMs: 16, msPerIdleMs: 0.5, maxIdleMs: 30 },
      serving: { ...SERVING, phasesByRate: [atLowRate] },
    },
    2,
  );
  expect(slower.linearIdlePenalty).toEqual({ freeMs: 16, msPerIdleMs: 1, maxIdleMs: 30 });
  expect(slower.serving!.phasesByRate).toEqual([{ ...atLowRate, inputUs: 20, outputUs: 200 }]);
});

test('what a profile does not say stays unsaid', () => {
  const { perRequest, serving } = slowerProfile(profile('m', 2, 0.5), 1.2);
  expect([perRequest, serving]).toEqual([undefined, undefined]);
});
