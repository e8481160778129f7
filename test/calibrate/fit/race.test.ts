import { describe, expect, it } from 'vitest';
import type { OpenLoopPoint } from '../../../src/calibrate/fit/misfit-of-points.js';
import { fitWinsShares, TYPICAL_SHARES } from '../../../src/calibrate/fit/race.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { slowerService } from '../../../src/profile/slower.js';
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

const shareOf = (points: readonly OpenLoopPoint[]) => fitWinsShares(points).batcherWinsShare;

describe('the share of races that the batcher wins', () => {
  const usual = [point(0.6), point(0.75)];

  it('is found from open loops, between what they show and what other servers did', () => {
    expect(shareOf(usual)).toBeGreaterThan(TYPICAL_SHARES.prefetching.share + 0.05);
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
    expect(shareOf([])).toBe(TYPICAL_SHARES.prefetching.share);
  });
});
