import { describe, expect, it } from 'vitest';
import { coldInferMs } from '../../../src/effects/idle/warm-up-state.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';

const INFER_MS = 10;

function logOf(arrivalUs: readonly number[], more: Partial<ModelProfile>, eventLoop: boolean) {
  const models = [{ config: config('m', 1), profile: profile('m', INFER_MS, 0, more) }];
  return simulate(scenario([server('s', { models })], [tenant('t', 'm', arrivals(arrivalUs))], 5), {
    eventLoop,
  }).log;
}

describe.each([true, false])(
  'an instance that is slower when it is cold (general event loop: %s)',
  (eventLoop) => {
    const warmUpState = { timeConstantMs: 20, coldSpeed: 0.4 };
    const tookMs = (warmUpDeficit: number) => coldInferMs(warmUpState, warmUpDeficit, INFER_MS);

    it('begins cold, is warmer in what follows at once, and cools down while it idles', () => {
      const {
        endedUs,
        calls: { inferUs },
      } = logOf([0, 1000, 1_000_000], { warmUpState }, eventLoop);
      expect(inferUs[0]! / 1000).toBeCloseTo(tookMs(1), 4);
      const afterFirst = Math.exp(-endedUs[0]! / 1000 / 20);
      expect(inferUs[1]! / 1000).toBeCloseTo(tookMs(afterFirst), 4);
      expect(inferUs[2]! / 1000).toBeCloseTo(tookMs(1), 4);
    });

    it('is never slower than cold nor faster than warm, and the denser its load the faster', () => {
      const meanOf = (ratePerS: number) => {
        const load = poisson('t', ratePerS, 400);
        const models = [{ config: config('m', 1), profile: profile('m', INFER_MS, 0, { warmUpState }) }];
        const { inferUs } = simulate(scenario([server('s', { models })], [tenant('t', 'm', load)], 60), {
          eventLoop,
        }).log.calls;
        for (const us of inferUs) {
          expect(us / 1000).toBeGreaterThanOrEqual(INFER_MS);
          expect(us / 1000).toBeLessThanOrEqual(tookMs(1) + 1e-6);
        }
        return inferUs.reduce((sum, us) => sum + us, 0) / inferUs.length;
      };
      expect(meanOf(60)).toBeLessThan(meanOf(20) - 500);
      expect(meanOf(20)).toBeLessThan(meanOf(5) - 500);
    });
  },
);

describe('two instances of a model', () => {
  const warmUpState = { timeConstantMs: 20, coldSpeed: 0.4 };
  const own = profile('m', INFER_MS, 0, { warmUpState });
  const load = arrivals([0, 12_000, 40_000, 41_000, 45_000, 120_000]);

  function inferMs(devices: readonly number[], eventLoop: boolean) {
    const more = { instances: devices.map((device) => ({ device, profile: own })) };
    const models = [{ config: config('m', 1), profile: own, more }];
    const spec = scenario([server('s', { models, devices: 2 })], [tenant('t', 'm', load)], 5);
    return Array.from(simulate(spec, { eventLoop }).log.calls.inferUs, (us) => us / 1000);
  }

  it.each([true, false])('on one device keep each other warm (general event loop: %s)', (eventLoop) => {
    const [first, second] = inferMs([0, 0], eventLoop);
    expect(first).toBeGreaterThan(12);
    // The other one has executed for 12 ms by then.
    expect(second).toBeCloseTo(coldInferMs(warmUpState, Math.exp(-12 / 20), INFER_MS), 4);
  });

  it.each([true, false])('on two devices do not (general event loop: %s)', (eventLoop) => {
    expect(inferMs([0, 1], eventLoop)[1]).toBeCloseTo(coldInferMs(warmUpState, 1, INFER_MS), 4);
  });

  it('are as warm in both event loops, of which one knows the end of an execution at its start', () => {
    expect(inferMs([0, 0], true)).toEqual(inferMs([0, 0], false));
  });
});
