import { mean, variance } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { exposureInTurns } from '../../src/simulator/exposure.js';
import { SharedDevice } from '../../src/simulator/shared-device.js';
import { coresLaw } from '../../src/simulator/sharing.js';

const MS = 1e6;
const random = new RandomStreams(1).get('exposure');
const drawn = Array.from({ length: 50_000 }, () => -Math.log(1 - random.next()));

describe('what an execution bears of others that it takes turns with', () => {
  it('is what it bears of a single one where it has one slice', () => {
    for (const exposure of [0, 0.2, 1, 4]) expect(exposureInTurns(exposure, 1, MS)).toBeCloseTo(exposure, 9);
  });

  it.each([
    [3, 1],
    [1, 12],
    [7, 25],
  ])(
    'beside %i others, of %i ms of work, is 1 on average, and varies as the mean of all it meets',
    (others, ms) => {
      const borne = drawn.map((exposure) => exposureInTurns(exposure, others, ms * MS));
      const met = others * Math.max(1, ms / 3);
      expect(mean(borne)).toBeCloseTo(1, 2);
      expect(variance(borne) * met).toBeGreaterThan(0.95);
      expect(variance(borne) * met).toBeLessThan(1.05);
    },
  );
});

describe('executions on two cores', () => {
  const endNs = (others: number, exposure: number) => {
    const device = new SharedDevice(coresLaw([[1.5]], 2));
    device.start(0, 0, MS, 0, exposure);
    for (let other = 1; other <= others; other++) device.start(other, 0, 1000 * MS, 0);
    const { nextNs } = device;
    expect(device.step()).toBe(0);
    return nextNs;
  };

  it('bear of one other what they are exposed to, and nothing of nobody', () => {
    expect(endNs(0, 3)).toBe(MS);
    expect(endNs(1, 3)).toBe((1 + 0.5 * 3) * MS);
  });

  it('bear less than that of many others with whom they share the cores', () => {
    // Four on two cores take twice as long, and each meets a third of the others.
    expect(endNs(3, 1)).toBe(3 * MS);
    expect(endNs(3, 4)).toBeLessThan((1 + 2 * 3) * MS);
    expect(endNs(3, 4)).toBeGreaterThan(3 * MS);
    expect(endNs(3, 0)).toBeGreaterThan(MS);
  });
});
