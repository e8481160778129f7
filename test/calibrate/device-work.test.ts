import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WORK_RULE, withDeviceWork } from '../../src/calibrate/device-work.js';
import { crowdedTimes } from '../../src/profile/crowded.js';
import type { ServicePoint } from '../../src/profile/profile.js';
import { cases } from '../support/cases.js';

function points(...times: readonly (readonly [batchSize: number, inferMs: number])[]): ServicePoint[] {
  return times.map(([batchSize, inferMs]) => ({
    batchSize,
    inputMs: 0,
    inferMs,
    outputMs: 0,
    executions: 0,
    relativeError: 0,
  }));
}

describe('what the device works for an execution', () => {
  it('is all of its time where larger batches gain nothing', () => {
    for (const { inferMs, deviceMs } of withDeviceWork(points([1, 10], [2, 20], [4, 40])))
      expect(deviceMs).toBe(inferMs);
  });

  it('is little where a larger batch costs hardly more', () => {
    const [one, , many] = withDeviceWork(points([1, 5], [8, 5.5], [64, 25]));
    expect(one!.deviceMs).toBeCloseTo((25 / 64) * 1.6);
    expect(many!.deviceMs).toBe(25);
    expect(one!.deviceMsError).toBe(WORK_RULE.ruleError);
  });

  it('is not told by one batch size that was measured alone', () => {
    expect(withDeviceWork(points([8, 20]))).toEqual(points([8, 20]));
    const beside = { batchSize: 8, count: 2, inferMs: 20 };
    expect(withDeviceWork(points([8, 20]), [beside])[0]!.deviceMs).toBeLessThan(10);
  });

  it('comes back from executions that were measured side by side, better known the more the device is crowded', () => {
    const property = fc.property(
      fc.double({ min: 0.4, max: 1, noNaN: true }),
      fc.double({ min: 0.4, max: 1, noNaN: true }),
      (fill, best) => {
        const service = points([1, 10], [16, 160 * best]);
        const sideBySide = [2, 3, 5].map((count) => ({
          batchSize: 1,
          count,
          inferMs: 10 * crowdedTimes(fill, count * fill),
        }));
        const [one] = withDeviceWork(service, sideBySide);
        expect(Math.abs(one!.deviceMs! / 10 / fill - 1)).toBeLessThan(0.05);
        expect(one!.deviceMsError).toBeLessThan(0.05);
      },
    );
    fc.assert(property, { numRuns: cases(50) });
  });
});
