import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import type { OpenLoopPoint } from '../../../src/calibrate/fit/replay/misfit-of-points.js';
import {
  fitWakeUpOrder,
  fitWinsShare,
  showsWakeUpOrder,
  TYPICAL_SHARE,
} from '../../../src/calibrate/fit/threads/wake-up-order.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { slowerService } from '../../../src/profile/slower.js';
import { NO_QUEUE_POLICY } from '../../../src/scenario/model-config.js';
import { config, profile } from '../../support/scenario.js';
import { simulatedObservation } from './simulated-observations.js';

/** At the end of so many executions the batcher runs first. */
const SHARE = 0.4;
const SERVING = {
  batcherWakeUs: 60,
  instanceWakeUs: 60,
  instancePickUpUs: 5,
  timerSlackUs: 80,
  batcherWinsShare: SHARE,
  requestDelayUs: 90,
  responseDelayUs: 90,
  generatorUs: 20,
};
const known = {
  config: config('m', 8, { maxQueueDelayUs: 500 }),
  profile: profile('m', 2.2, 0.25, { device: 'CPU', serving: SERVING }),
};

/** A point of a machine on which inferences took so many times as long as the profile says. */
function point(loadShare: number, times = 1): OpenLoopPoint {
  const { config, profile } = known;
  const then = { ...profile, service: slowerService(profile.service, times) };
  const observation = simulatedObservation(
    { models: [{ config, profile: then }], serving: SERVING },
    { kind: 'poisson', id: `m/poisson-${100 * loadShare}`, model: 'm', loadShare },
    20,
  );
  return { observation, config, profile };
}

/** The same point where requests took three times as long, as the server counted them. */
function threefold(point: OpenLoopPoint): OpenLoopPoint {
  const statistics: Observation['statistics'] = point.observation.statistics.map((each) => ({
    ...each,
    success: { ...each.success, ns: 3 * each.success.ns },
  }));
  return { ...point, observation: { ...point.observation, statistics } };
}

const shareOf = (points: readonly OpenLoopPoint[]) => fitWinsShare(points);

describe('the share of races that the batcher wins', () => {
  const usual = [point(0.6), point(0.75)];

  it('is found from open loops, between what they show and what other servers did', () => {
    expect(shareOf(usual)).toBeGreaterThan(TYPICAL_SHARE.share + 0.05);
    expect(shareOf(usual)).toBeLessThan(SHARE + 0.05);
  });

  it.each([1.05, 0.95])('is the same where inferences took %f times as long as the profile says', (times) => {
    const found = shareOf([point(0.6, times), point(0.75, times)]);
    expect(Math.abs(found - shareOf(usual))).toBeLessThan(0.06);
  });

  it('is not moved far by a point in which a process stood still for a moment', () => {
    const found = shareOf([usual[0]!, threefold(usual[1]!)]);
    expect(Math.abs(found - shareOf(usual))).toBeLessThan(0.15);
  });

  it('is what other servers showed where no model shows it', () => {
    expect(shareOf([])).toBe(TYPICAL_SHARE.share);
  });
});

describe('the race of a model with a queue limit', () => {
  const LIMIT = { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 64 } };

  it.each([0, 1, 8])('shows with max_batch_size %i', (maxBatchSize) => {
    expect(showsWakeUpOrder(config('m', maxBatchSize, LIMIT))).toBe(true);
  });

  /** A server on which the batcher wins so often, measured by an open loop. */
  const fitted = (batcherWinsShare: number) => {
    const own = {
      config: config('m', 1, LIMIT),
      profile: profile('m', 6, 0, { device: 'CPU', serving: SERVING }),
    };
    const load: Experiment = { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 };
    const serving = { ...SERVING, batcherWinsShare };
    return fitWakeUpOrder([simulatedObservation({ models: [own], serving }, load, 40)], [own]);
  };

  it.each([0.1, 0.3, 0.5])('is found where executions hold one request each: %f', (share) => {
    expect(Math.abs(fitted(share).shared.batcherWinsShare - share)).toBeLessThan(0.15);
  });

  it('is what other servers showed where no point does', () => {
    expect(fitWakeUpOrder([], [])).toEqual({
      shared: { batcherWinsShare: TYPICAL_SHARE.share },
      points: [],
      deviation: Number.POSITIVE_INFINITY,
    });
  });
});

it.each([
  ['nor a delay', config('m', 8, {})],
  ['but a delay, which nothing waits for without batches', config('m', 1, { maxQueueDelayUs: 500 })],
  ['under the default scheduler', config('m', 8)],
])('a model without a queue policy %s shows no race', (_, quiet) => {
  expect(showsWakeUpOrder(quiet)).toBe(false);
});
