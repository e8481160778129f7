import { describe, expect, it } from 'vitest';
import { SharedDevice } from '../../../src/simulator/resources/shared-device.js';
import { timeSlicesLaw } from '../../../src/simulator/resources/sharing.js';

const MS = 1e6;

describe('a device on which all run at once', () => {
  it.each([8, 9, 17, 40])(
    'has done all work of %d executions, no sooner and no later, when the last one ends',
    (count) => {
      const device = new SharedDevice(timeSlicesLaw(0));
      for (let job = 0; job < count; job++) device.start(job, 0, 100 * MS, job * MS, 1);
      let endNs = 0;
      while (device.nextNs < Infinity) {
        endNs = device.nextNs;
        device.step();
      }
      // Half a nanosecond of rounding at each end.
      expect(Math.abs(endNs - count * 100 * MS)).toBeLessThanOrEqual(count);
    },
  );
});
