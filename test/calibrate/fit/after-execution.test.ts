import { describe, expect, it } from 'vitest';
import { fitAfterExecution, withAfterExecution } from '../../../src/calibrate/fit/after-execution.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { slowerService } from '../../../src/profile/slower.js';
import { config, profile } from '../../support/scenario.js';
import { simulatedObservation } from './simulated-observations.js';

const SERVING = {
  batcherWakeUs: 20,
  instanceWakeUs: 20,
  instancePickUpUs: 5,
  timerSlackUs: 0,
  batcherWinsShare: 0,
  requestDelayUs: 90,
  responseDelayUs: 90,
  generatorUs: 20,
};

/** Takes 120 us after each execution. */
const known = {
  config: config('m', 8, {}),
  profile: profile('m', 2, 0.25, {
    device: 'CPU',
    response: { fixedUs: 120, perRequestUs: 10, perKilobyteUs: 0 },
    serving: SERVING,
  }),
};
/** The same on a machine on which its executions, which only infer, take so many times as long. */
const slower = (times: number) => ({
  ...known,
  profile: { ...known.profile, service: slowerService(known.profile.service, times) },
});
const point = (loadShare: number, model = known) =>
  simulatedObservation(
    { models: [model], serving: SERVING },
    { kind: 'poisson', id: `m/poisson-${100 * loadShare}`, model: 'm', loadShare },
    20,
  );

/** The same point where requests took three times as long, as the server counted them. */
function threefold(point: Observation): Observation {
  const statistics = point.statistics.map((each) => ({
    ...each,
    success: { ...each.success, ns: 3 * each.success.ns },
  }));
  return { ...point, statistics };
}

describe('the time after an execution', () => {
  const points = [point(0.6), point(0.75)];

  it.each([40, 400])('is found from open loops although a saturated point showed %i us', (expectedUs) => {
    const found = fitAfterExecution(points, known.config, withAfterExecution(known.profile, expectedUs));
    expect(Math.abs(found - 120)).toBeLessThan(40);
    expect(Math.abs(found - 120)).toBeLessThan(0.5 * Math.abs(expectedUs - 120));
  });

  it('is not found longer where the machine was slower than the profile says', () => {
    const found = fitAfterExecution(
      [point(0.55, slower(1.1)), point(0.7, slower(1.08))],
      known.config,
      known.profile,
    );
    expect(Math.abs(found - 120)).toBeLessThan(30);
  });

  it('is not found longer because a process stood still for a moment in one of the points', () => {
    const found = fitAfterExecution([points[0]!, threefold(points[1]!)], known.config, known.profile);
    expect(Math.abs(found - 120)).toBeLessThan(40);
  });

  it('is what the saturated point showed where there is no open loop', () => {
    expect(fitAfterExecution([], known.config, known.profile)).toBe(120);
  });
});
