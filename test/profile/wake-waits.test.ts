import { describe, expect, it } from 'vitest';
import { probabilityOfWaiting, WAKES_OF_A_REQUEST, wakeQueue } from '../../src/profile/wake-waits.js';

describe('cores as the servers of a queue M/M/c', () => {
  it.each([0, 0.3, 0.8])('one of them is found taken as often as it is busy: %d', (busyShare) => {
    expect(probabilityOfWaiting(1, busyShare)).toBeCloseTo(busyShare, 12);
  });

  it.each([0.1, 0.5, 0.9])('two of them, busy for %d of the time, with 2 b^2 / (1 + b)', (busyShare) => {
    expect(probabilityOfWaiting(2, busyShare)).toBeCloseTo((2 * busyShare ** 2) / (1 + busyShare), 12);
  });

  it('the more cores, the less likely, as busy as they are', () => {
    const probabilities = [1, 2, 4, 8, 16, 64].map((cores) => probabilityOfWaiting(cores, 0.6));
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
    expect(probabilities.at(-1)).toBeLessThan(0.001);
  });

  it('who waits does so for the burst of a thread over the cores that are left', () => {
    const { probability, meanUs } = wakeQueue(100, 2, 0.5);
    // M/M/2: b rho^2 / (1 - rho^2).
    expect(probability * meanUs).toBeCloseTo((100 * 0.25) / 0.75, 9);
  });

  it('no host is so busy that nobody ever runs', () => {
    expect(wakeQueue(100, 2, 7).meanUs).toBeLessThan(2000);
  });

  it('a request wakes ten threads', () => {
    expect(WAKES_OF_A_REQUEST).toBe(10);
  });
});
