import { describe, expect, it } from 'vitest';
import { NO_QUEUE_POLICY } from '../../../src/scenario/model-config.js';
import { IS_SLOW } from '../../support/cases.js';
import { config } from '../../support/scenario.js';
import { calibrated, knownModel, variance } from './known-models.js';
import { type KnownServer, SERVING } from './simulated-observations.js';

const pair = (model: string, slowdown: number) => ({ pairs: [{ model, slowdown }] });

/** Two models that slow each other, one 1.5 times, the other 1.2 times. */
const KNOWN: KnownServer = {
  models: [
    knownModel('first', 2, 0.25, { interference: pair('second', 1.5) }),
    knownModel('second', 3, 0.4, { interference: pair('first', 1.2) }),
  ],
  serving: SERVING,
};

/** One whose queue limit binds payloads late. */
const LIMITED: KnownServer = {
  models: [
    {
      ...knownModel('limited', 2, 0.25),
      config: config('limited', 8, {
        maxQueueDelayUs: 500,
        defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 64 },
      }),
    },
  ],
  serving: SERVING,
};

describe('calibrating a server whose figures are known', () => {
  const fit = calibrated(KNOWN);
  const [first, second] = fit.profiles;

  it('finds the service time of every batch size within 1 %', () => {
    for (const [found, known] of [first!, second!].map(
      (each, i) => [each, KNOWN.models[i]!.profile] as const,
    )) {
      const [one, two] = known.service;
      const itemMs = two!.inferMs - one!.inferMs;
      for (const { batchSize, inputMs, inferMs, outputMs } of found.service) {
        const expectedMs = one!.inferMs + itemMs * (batchSize - 1);
        expect(Math.abs((inputMs + inferMs + outputMs) / expectedMs - 1)).toBeLessThan(0.01);
      }
    }
  });

  it('finds what wakes threads, what comes after an execution, and what the generator adds', () => {
    const { batcherWakeUs, instanceWakeUs } = fit.serving;
    expect(batcherWakeUs + instanceWakeUs).toBeCloseTo(40, -1);
    for (const { networkDelay } of fit.models) {
      expect(Math.abs(networkDelay.requestDelayUs + networkDelay.responseDelayUs - 180)).toBeLessThan(10);
      expect(networkDelay.generatorUs).toBeGreaterThan(15);
      expect(networkDelay.generatorUs).toBeLessThan(25);
    }
    const { fixedUs, perRequestUs } = first!.response;
    expect(Math.abs(fixedUs + 8 * perRequestUs - (90 + 8 * 24))).toBeLessThan(25);
  });

  it('finds how often the batcher wins, within a tenth', () => {
    expect(Math.abs(fit.serving.batcherWinsShare - SERVING.batcherWinsShare)).toBeLessThan(0.1);
  });

  it.runIf(IS_SLOW)('finds how often it wins where payloads are bound late, too', () => {
    expect(Math.abs(calibrated(LIMITED).serving.batcherWinsShare - SERVING.batcherWinsShare)).toBeLessThan(
      0.1,
    );
  });

  it('finds the scatter of executions', () => {
    const { spread } = first!;
    const ratios = spread.law === 'empirical' ? spread.ratios : [];
    const cv = spread.law === 'lognormal' ? spread.cv : Math.sqrt(variance(ratios));
    expect(cv).toBeCloseTo(0.05, 2);
  });

  it('finds what co-runners cost each other within 5 %', () => {
    expect(Math.abs(first!.interference.pairs[0]!.slowdown / 1.5 - 1)).toBeLessThan(0.05);
    expect(Math.abs(second!.interference.pairs[0]!.slowdown / 1.2 - 1)).toBeLessThan(0.05);
  });

  it('expects a second instance to cost a model what the model most like it did, and says so', () => {
    expect(first!.interference.self).toBe(first!.interference.pairs[0]!.slowdown);
    expect(fit.uncertain.join('\n')).toMatch(
      /first, second served one instance: .* guessed from how it met others/,
    );
  });

  it('gives back the mean of open-loop points within 2 %, of which the sparse ones took no part in the fit', () => {
    for (const { replays } of fit.models) {
      const alone = replays.filter(({ id }) => !id.startsWith('beside'));
      const heldOut = alone.filter((replay) => replay.heldOut);
      expect(heldOut.map(({ id }) => id)).toEqual(['alone', 'sparse']);
      for (const { measured, predicted } of alone)
        expect(Math.abs(predicted.meanUs / measured.meanUs - 1)).toBeLessThan(0.02);
    }
  });

  it('gives back what both models saw side by side, which no fit has seen, within 4 %', () => {
    for (const { model, replays } of fit.models) {
      const { id, measured, predicted } = replays.at(-1)!;
      expect(id).toBe(`beside ${model === 'first' ? 'second' : 'first'}`);
      expect(measured.meanUs).toBeGreaterThan(2000);
      for (const key of ['meanUs', 'p50Us', 'p95Us'] as const)
        expect(Math.abs(predicted[key] / measured[key] - 1), `${model} ${key}`).toBeLessThan(0.04);
    }
  });

  it('its parts add up to the mean of what was measured, and of what is predicted', () => {
    for (const { measured, predicted } of fit.models.flatMap(({ replays }) => replays)) {
      for (const { partsMs, meanUs } of [measured, predicted])
        expect((1000 * Object.values(partsMs).reduce((sum, ms) => sum + ms, 0)) / meanUs).toBeCloseTo(1, 1);
    }
  });

  it('says in the profile how far it was off, in latencies and in their parts', () => {
    for (const { fit: summary } of fit.profiles) {
      const { mean, p50, parts } = summary!.latencyErrorPercent!;
      for (const percent of [mean, p50, parts!.queue, parts!.infer]) {
        expect(percent).toBeGreaterThan(0);
        expect(percent).toBeLessThan(10);
      }
    }
  });

  it('says what it assumed', () => {
    expect(fit.uncertain.join('\n')).toContain('served one instance');
  });

  it.runIf(IS_SLOW)('makes the same profiles of the same points', () => {
    expect(JSON.stringify(calibrated(KNOWN).profiles)).toBe(JSON.stringify(fit.profiles));
  });
});
