import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { observationOfRow } from '../../../src/calibrate/import/metric-rows.js';
import { simulateLoop } from '../../../src/calibrate/summary/closed-loop.js';
import { freeNames, soloLatencyMs, toParameters } from '../../../src/calibrate/summary/coordinates.js';
import { firstGuess } from '../../../src/calibrate/summary/first-guess.js';
import { type FitProgress, fitFromSummaries } from '../../../src/calibrate/summary/fit-from-summaries.js';
import { residuals } from '../../../src/calibrate/summary/misfit.js';
import type { SummaryObservation, SummarySetup } from '../../../src/calibrate/summary/observation.js';
import { summaryProfile } from '../../../src/calibrate/summary/summary-profile.js';
import { strangeRows } from '../../../src/calibrate/summary/uncertainty.js';
import { config } from '../../support/scenario.js';
import { setup, spread, truth } from './true-server.js';

/** A row of the table that the true server would give. */
function row(concurrency: number, requestBatch: number): SummaryObservation {
  const profile = summaryProfile(truth, setup, spread);
  const loop = { concurrency, requestBatch, latencyMs: 10, rounds: 60, seed: 'truth' };
  return simulateLoop(truth, profile, setup, loop);
}
const solo = [1, 2, 4, 8].map((batch) => row(1, batch));

it('a row that the fit misses by far is told, with what to do, however well the others are met', () => {
  const said = (meanErrorPercent: number, maxErrorPercent: number) =>
    strangeRows({ method: 'any', points: 5, heldOut: 0, meanErrorPercent, maxErrorPercent }).join();
  expect(said(10.4, 51)).toMatch(/^A row is missed by 51 %: .*Measure that row again.*--config/);
  expect(said(31, 77)).toMatch(/^The rows are given back within 31 % only/);
  expect(said(4, 12)).toBe('');
});

describe('fitFromSummaries', () => {
  it('reads the service times of split rows of one client off', () => {
    const { profile } = fitFromSummaries(solo, setup);
    expect(profile.service.map(({ batchSize }) => batchSize)).toEqual([1, 2, 4, 8]);
    for (const { batchSize, inferMs } of profile.service) expect(inferMs).toBeCloseTo(3 + 0.8 * batchSize, 2);
  });

  it('predicts loops that it did not see', () => {
    const fit = fitFromSummaries([...solo, row(16, 1)], setup);
    for (const concurrency of [4, 32]) {
      const loop = { concurrency, requestBatch: 1, latencyMs: 20, rounds: 60, seed: 1 };
      const predicted = simulateLoop(fit.parameters, fit.profile, setup, loop);
      expect(Math.abs(predicted.inferencesPerS / row(concurrency, 1).inferencesPerS - 1)).toBeLessThan(0.05);
    }
  }, 60_000);

  it('takes a rate that was not reached for what it tells: what the server can do, not how long was measured', () => {
    const profile = summaryProfile(truth, setup, spread);
    // As perf_analyzer sends without waiting for answers: 1500/s for a second, of which 8 in 10 ms are answered.
    const openLoop = { requestsPerS: 1500, arrivals: 'constant' } as const;
    const loop = { concurrency: 600, openLoop, requestBatch: 1, latencyMs: 200, rounds: 5, seed: 'truth' };
    const { inferencesPerS, meanLatencyMs, splitMs } = simulateLoop(truth, profile, setup, loop);
    const row = observationOfRow({
      perMs: 1,
      load: { openLoop },
      requestBatch: 1,
      inferencesPerS,
      meanLatency: meanLatencyMs,
      phases: splitMs,
      percentiles: [],
    });
    const [residual] = residuals(truth, setup, spread, [row]);
    expect(row.overload).toEqual(openLoop);
    expect(Math.abs(residual!.predicted.inferencesPerS / inferencesPerS - 1)).toBeLessThan(0.03);
    expect(Math.abs(residual!.predicted.meanLatencyMs / meanLatencyMs - 1)).toBeLessThan(0.05);
  });

  it.each([false, true])(
    'has four GPUs do four times as much, where instances take turns (%s), too',
    (takesTurns) => {
      const perS = (devices: number) => {
        const of = { ...setup, config: config('m', 8), devices, takesTurns };
        const profile = summaryProfile(truth, of, spread);
        expect(profile.region).toMatchObject({ maxInstances: 1, sharing: ['exclusive'] });
        const loop = { concurrency: 16, requestBatch: 1, latencyMs: 20, rounds: 20, seed: 'truth' };
        return simulateLoop(truth, profile, of, loop).inferencesPerS;
      };
      expect(perS(4) / perS(1)).toBeCloseTo(4, 1);
    },
  );

  it('tells the service times of batches that the rows can have been: of others the profile says nothing', () => {
    const values = { ...firstGuess([row(4, 1)], setup, 0.25), inferFixedMs: 3 };
    const sizesOf = (rows: readonly SummaryObservation[], of: SummarySetup) => {
      const parameters = toParameters(values, 'line', { observations: rows, setup: of });
      return summaryProfile(parameters, of, spread).region.batchSizes;
    };
    const plain = { ...setup, config: config('m', 8) };
    const several = row(4, 1);
    expect(sizesOf([several], setup)).toEqual([1, 2, 4]);
    expect(sizesOf([several, { ...several, concurrency: 16 }], setup)).toEqual([1, 2, 4, 8]);
    expect(sizesOf([several], plain)).toEqual([1]);
    expect(sizesOf([several, { ...several, requestBatch: 4 }], plain)).toEqual([1, 4]);
    expect(freeNames('line', [several], plain)).not.toContain('inferFixedMs');
  });

  it('begins at what an execution takes where every row had to wait, not at how long it waited', () => {
    const splitMs = { outside: 0.4, queue: 1600, input: 0.02, infer: 2.6, output: 0.2 };
    const row = { concurrency: 545, requestBatch: 1, inferencesPerS: 340, meanLatencyMs: 1603.22, splitMs };
    const { inferFixedMs, roundTripMs, responseMs } = firstGuess([row], setup, 0.25);
    expect(inferFixedMs).toBeGreaterThan(0.5);
    expect(inferFixedMs + roundTripMs + responseMs).toBeLessThan(3.3);
  });

  it('gives the same fit for the same table', () => {
    expect(fitFromSummaries(solo, setup)).toEqual(fitFromSummaries(solo, setup));
  });

  it('simulates a load once, however often the table has it', () => {
    const loops = [row(4, 1), row(8, 1)];
    const repeated = Array.from({ length: 50 }, () => loops).flat();
    const predicted = residuals(truth, setup, spread, [...solo, ...repeated]).slice(solo.length);
    expect(new Set(predicted.map((each) => each.predicted)).size).toBe(2);
    const once = residuals(truth, setup, spread, [...solo, ...loops]).slice(solo.length);
    expect(predicted.slice(-2)).toEqual(once);
  });

  it('tells the steps of each search', () => {
    const told: FitProgress[] = [];
    fitFromSummaries(solo, setup, { onProgress: (progress) => told.push(progress) });
    expect(told[0]).toEqual({ search: 1, of: told[0]!.of, step: 1 });
    expect(told.filter(({ search }) => search === 1).map(({ step }) => step)).toEqual(
      Array.from({ length: told.findLast(({ search }) => search === 1)!.step }, (_, i) => i + 1),
    );
  });

  it('says what one client leaves open', () => {
    expect(fitFromSummaries(solo, setup).uncertain.join(' ')).toContain('Only one client');
  });

  it('names every row that cannot be used, by its place where it has one', () => {
    const bad = [
      { ...solo[0]!, inferencesPerS: 0 },
      { ...solo[1]!, requestBatch: 99 },
    ];
    const places = [{ file: 'a.csv', line: 2 }];
    expect(() => fitFromSummaries(bad, setup, { places })).toThrow(InputError);
    expect(() => fitFromSummaries(bad, setup, { places })).toThrow(/a\.csv:2: [\s\S]*rows\[1\]: /);
    expect(() => fitFromSummaries([], setup)).toThrow('no rows');
  });
});

describe('a lone request', () => {
  it('takes as long by its parts as in the simulation, whether its size is known or not', () => {
    const slow = { ...truth, handlerMs: 0.6 };
    for (const requestBytes of [0, 2048]) {
      const known = { ...setup, payload: { requestBytes, responseBytes: 0 } };
      const loop = { concurrency: 1, requestBatch: 8, latencyMs: 20, rounds: 400, seed: 1 };
      const { meanLatencyMs } = simulateLoop(slow, summaryProfile(slow, known, spread), known, loop);
      expect(Math.abs(soloLatencyMs(slow, 8, known) / meanLatencyMs - 1)).toBeLessThan(0.03);
    }
  });
});

describe('simulateLoop', () => {
  it('sends at the planned rate in an open loop, whatever the latency', () => {
    const profile = summaryProfile(truth, setup, spread);
    const openLoop = { requestsPerS: 100, arrivals: 'constant' } as const;
    const loop = { concurrency: 0.5, openLoop, requestBatch: 1, latencyMs: 5, rounds: 30, seed: 1 };
    expect(simulateLoop(truth, profile, setup, loop).inferencesPerS).toBeCloseTo(100, 0);
  });
});
