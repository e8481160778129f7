import { describe, expect, it } from 'vitest';
import { fitFrontEnd } from '../../scripts/nvidia/fit-front-end.js';
import { parametersUnder, type SharedFrontEnd } from '../../scripts/nvidia/front-end.js';
import { simulateLoop } from '../../src/calibrate/summary/closed-loop.js';
import type { SummaryObservation, SummarySetup } from '../../src/calibrate/summary/observation.js';
import { summaryProfile } from '../../src/calibrate/summary/summary-profile.js';
import { config } from '../support/scenario.js';

const KILOBYTES = 500;
const setup: SummarySetup = {
  model: 'm',
  device: 'Test GPU',
  config: config('m', 16, { preferredBatchSizes: [16] }),
  instances: 1,
  payload: { requestBytes: KILOBYTES * 1024, responseBytes: 0 },
  protocol: 'http',
  frontEndThreads: 1,
};
const truth: SharedFrontEnd = {
  serialMsPerKb: 0.0004,
  parallelMsPerKb: 0.0004,
  inputMsPerKb: 0.0002,
  responseMs: 0.005,
  roundTripMs: 0.3,
};
const networkDelayMs = (batch: number) => 0.305 + batch * KILOBYTES * 0.0008;

/** What a lone request takes whose execution takes 2 + 0.8 b ms. */
const solo = (batch: number, extraMs = 0): SummaryObservation => {
  const meanLatencyMs = networkDelayMs(batch) + 2 + 0.8 * batch + extraMs;
  return {
    concurrency: 1,
    requestBatch: batch,
    inferencesPerS: (1000 * batch) / meanLatencyMs,
    meanLatencyMs,
  };
};
const offline = [1, 2, 4, 8, 16].map((batch) => solo(batch));
const totals = (observations: readonly SummaryObservation[]) => {
  const { service } = parametersUnder(truth, { setup, observations });
  return service.kind === 'table' ? service.points.map((p) => p.inputMs + p.inferMs + p.outputMs) : [];
};

describe('parametersUnder', () => {
  it('takes the network delay off what lone requests take', () => {
    for (const [i, total] of totals(offline).entries()) expect(total).toBeCloseTo(2 + 0.8 * 2 ** i, 6);
  });

  it('goes on with a line where a large request costs more than its execution', () => {
    const observations = [...offline.slice(0, 4), solo(16, 20)];
    expect(totals(observations)[4]).toBeCloseTo(2 + 0.8 * 16, 6);
  });
});

it('copies come on top of what a table through CUDA shared memory tells, and bytes take no time there', () => {
  const inMemory = { ...setup, soloSharedMemory: 'cuda', sharedMemory: 'cuda' } as const;
  const row = (batch: number) => ({ ...solo(batch), meanLatencyMs: 0.325 + 2 + 0.8 * batch });
  const parameters = parametersUnder(truth, { setup: inMemory, observations: [row(1), row(2)] });
  expect(parameters.service).toMatchObject({
    points: [
      { inputMs: expect.closeTo(0.1, 6), inferMs: expect.closeTo(2.8, 6) },
      { inputMs: expect.closeTo(0.2, 6), inferMs: expect.closeTo(3.6, 6) },
    ],
  });
  const profile = summaryProfile(parameters, inMemory, { service: { law: 'none' }, handlerCv: 0 });
  const loop = { concurrency: 1, requestBatch: 1, latencyMs: 10, rounds: 20, seed: 1 };
  const { meanLatencyMs } = simulateLoop(parameters, profile, inMemory, loop);
  // Two wake-ups of 5 us are not in the table.
  expect(meanLatencyMs).toBeCloseTo(0.325 + 2.8, 1);
});

describe('fitFrontEnd', () => {
  it('finds a front end under which other loops come out right', () => {
    const parameters = parametersUnder(truth, { setup, observations: offline });
    const spread = { service: { law: 'none' }, handlerCv: 0.5 } as const;
    const row = (concurrency: number) =>
      simulateLoop(parameters, summaryProfile(parameters, setup, spread), setup, {
        concurrency,
        requestBatch: 1,
        latencyMs: 10,
        rounds: 40,
        seed: 'truth',
      });
    const table = { setup, observations: [...offline, row(2), row(32)] };
    const fitted = parametersUnder(fitFrontEnd([table]).frontEnd, table);
    const predicted = simulateLoop(fitted, summaryProfile(fitted, setup, spread), setup, {
      concurrency: 8,
      requestBatch: 1,
      latencyMs: 10,
      rounds: 40,
      seed: 1,
    });
    expect(Math.abs(predicted.inferencesPerS / row(8).inferencesPerS - 1)).toBeLessThan(0.05);
  }, 60_000);
});
