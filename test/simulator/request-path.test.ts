import { describe, expect, it } from 'vitest';
import { RequestPath } from '../../src/simulator/load/request-path.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const networkDelay = (wakeUs: number) => ({ requestDelayUs: 200, responseDelayUs: 200, wakeUs });

describe('requests on their way to a server whose threads sleep', () => {
  it('each take the whole way where nothing of it is waking', () => {
    const requestPath = new RequestPath(networkDelay(0));
    expect([0, 1000, 50_000].map((ns) => requestPath.arrivalNs(ns))).toEqual([200_000, 201_000, 250_000]);
  });

  it('are taken in with the one that wakes them, where they would come before that is done', () => {
    const requestPath = new RequestPath(networkDelay(160));
    // The threads begin to wake at 40 us and are awake at 200; the second is there at 190, the third at 240.
    expect(requestPath.arrivalNs(0)).toBe(200_000);
    expect(requestPath.arrivalNs(150_000)).toBe(200_000);
    expect(requestPath.arrivalNs(200_000)).toBe(400_000);
  });

  it('are never later than by themselves, and never before they were sent', () => {
    const requestPath = new RequestPath(networkDelay(160));
    let sentNs = 0;
    for (let i = 0; i < 500; i++) {
      sentNs += (i * 7919) % 400_000;
      const waitNs = (i * 104_729) % 30_000;
      const arrivalNs = requestPath.arrivalNs(sentNs, waitNs);
      expect(arrivalNs).toBeGreaterThanOrEqual(sentNs);
      expect(arrivalNs).toBeLessThanOrEqual(sentNs + 200_000 + waitNs);
    }
  });
});

/** Two requests so far apart, to a server that is idle: how many were executed together with the first, and the log. */
function two(gapUs: number, wakeUs: number, awakeUs: number | undefined, eventLoop: boolean) {
  const network = { ...networkDelay(wakeUs), requestBytesPerUs: Infinity, responseBytesPerUs: Infinity };
  const models = [{ config: config('m', 4, {}), profile: profile('m', 2, 0.1) }];
  const sketch = { models, wakeUs: 50, instanceWakeUs: 50, ...(awakeUs !== undefined && { awakeUs }) };
  const run = scenario(
    [server('s', { ...sketch, more: { network } })],
    [tenant('t', 'm', arrivals([1000, 1000 + gapUs]))],
    0.1,
  );
  return simulate(run, { eventLoop }).log;
}

describe.each([true, false])('a server that is idle (general event loop: %s)', (eventLoop) => {
  it('executes together what comes while its threads wake, on the way or in its batcher', () => {
    const together = (gapUs: number, wakeUs: number, awakeUs?: number) =>
      two(gapUs, wakeUs, awakeUs, eventLoop).calls.executedBatch[0];
    // Without waking ways: while the batcher wakes.
    expect(together(49, 0)).toBe(2);
    expect(together(60, 0)).toBe(1);
    // The second is in the queue with the first, whose way ends with waking.
    expect(together(150, 160, 5)).toBe(2);
    expect(together(170, 160, 5)).toBe(1);
  });

  it('has a request that came with another on its way for a shorter time', () => {
    const log = two(150, 160, 5, eventLoop);
    expect(Array.from(log.calls.queuedUs)).toEqual([1200, 1200]);
    expect(Array.from(log.networkUs, Math.round)).toEqual([400, 250]);
    expect(log.endedUs[0]).toBe(log.endedUs[1]);
  });
});

describe('a way that is the shorter the more requests the server gets', () => {
  it('depends on those for all its models, also where these share nothing else', () => {
    const byRate = [
      { requestsPerS: 1, requestDelayUs: 500, responseDelayUs: 500 },
      { requestsPerS: 100, requestDelayUs: 50, responseDelayUs: 50 },
    ];
    const models = ['m', 'other'].map((name) => ({
      config: config(name, 1),
      profile: profile(name, 1, 0),
      more: { networkDelay: { requestDelayUs: 300, responseDelayUs: 300, byRate } },
    }));
    const own = tenant('t', 'm', arrivals([0]));
    const others = arrivals(Array.from({ length: 99 }, (_, i) => 10_000 * i));
    const beside = tenant('u', 'other', others, { targets: [{ server: 0, model: 1 }] });
    const run = (tenants: (typeof own)[]) => simulate(scenario([server('s', { models })], tenants, 1)).log;
    expect(run([own]).calls.queuedUs[0]).toBe(500);
    expect(run([own, beside]).calls.queuedUs[0]).toBe(50);
  });
});
