import { describe, expect, it } from 'vitest';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Load, Network } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { littleCheck } from '../support/little.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const NO_NETWORK: Network = {
  requestDelayUs: 0,
  responseDelayUs: 0,
  requestBytesPerUs: Infinity,
  responseBytesPerUs: Infinity,
};

/** One instance that takes 4 ms per request and refuses what finds one waiting. */
function run(load: Load, network: Partial<Network>, durationS: number, eventLoop = true) {
  const batching = { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 1 } };
  const model = { config: config('m', 1, batching), profile: profile('m', 4, 0) };
  const host = server('s', { models: [model], more: { network: { ...NO_NETWORK, ...network } } });
  return simulate(scenario([host], [tenant('t', 'm', load)], durationS), { eventLoop }).log;
}

describe('a run that ends', () => {
  it.each([true, false])(
    'while an answer travels leaves its request unfinished (general event loop: %s)',
    (eventLoop) => {
      const log = run(arrivals([0]), { responseDelayUs: 3000 }, 0.006, eventLoop);
      expect(log.outcome[0]).toBe(Outcome.unfinished);
      expect(log.endedUs[0]).toBeNaN();
      expect(log.calls.startedUs[0]).toBe(0);
    },
  );

  it.each([true, false])(
    'while a request travels leaves it in no queue (general event loop: %s)',
    (eventLoop) => {
      const log = run(arrivals([0, 5000]), { requestDelayUs: 1000 }, 0.006, eventLoop);
      expect(Array.from(log.calls.queuedUs)).toEqual([1000, Number.NaN]);
      expect(Array.from(log.outcome)).toEqual([Outcome.completed, Outcome.unfinished]);
    },
  );

  it('while an answer is on a limited link leaves its request unfinished', () => {
    const log = run(arrivals([0]), { responseBytesPerUs: 0.01 }, 0.01);
    expect(log.outcome[0]).toBe(Outcome.unfinished);
    expect(log.endedUs[0]).toBeNaN();
    expect(littleCheck(log).relativeGap).toBeLessThan(1e-9);
  });

  it.each([true, false])(
    'before a refusal is heard of leaves its request unfinished (general event loop: %s)',
    (eventLoop) => {
      const log = run(arrivals([0, 100, 200]), { responseDelayUs: 3000 }, 0.003, eventLoop);
      expect(Array.from(log.outcome)).toEqual([Outcome.unfinished, Outcome.unfinished, Outcome.unfinished]);
      const later = run(arrivals([0, 100, 200]), { responseDelayUs: 3000 }, 0.0033, eventLoop);
      expect(later.outcome[2]).toBe(Outcome.rejected);
      expect(later.endedUs[2]).toBe(3200);
    },
  );

  it.each([true, false])(
    'while inputs are copied leaves the device as busy as it was (general event loop: %s)',
    (eventLoop) => {
      const copying = profile('m', 1, 0);
      const service = copying.service.map((point) => ({ ...point, inputMs: 3 }));
      const model = { config: config('m', 1), profile: { ...copying, service } };
      const sharing = { mode: 'streams' } as const;
      const host = server('s', { models: [model, { ...model, config: config('n', 1) }], sharing });
      // One inference of a millisecond, and then the inputs of the next, whose inference would begin at 11 ms.
      const spec = scenario([host], [tenant('t', 'm', arrivals([0, 8000]))], 0.01);
      const [device] = simulate(spec, { eventLoop }).devices;
      expect(device!.busyShare).toBeCloseTo(0.1, 9);
    },
  );

  it('before a capped client has sent all has those that are left on a server of their tenant', () => {
    const model = { config: config('m', 1), profile: profile('m', 4, 0) };
    const { mode: _, ...planned } = arrivals([0, 100, 200]) as Load & { mode: 'open' };
    const load = { mode: 'capped', ...planned, maxInFlight: 1, latencyFrom: 'planned' } as const;
    const sender = tenant('t', 'm', load, { targets: [{ server: 1, model: 0 }] });
    const servers = ['other', 'own'].map((name) => server(name, { models: [model] }));
    const { log } = simulate(scenario(servers, [sender], 0.003));
    expect(Array.from(log.sentUs)).toEqual([0, Number.NaN, Number.NaN]);
    expect(Array.from(log.server)).toEqual([1, 1, 1]);
  });

  it('comes even when closed-loop clients that do not think are refused at once, because a refused client backs off', () => {
    const load: Load = {
      mode: 'closed',
      concurrency: 5,
      thinkTime: { law: 'constant', meanUs: 0 },
      maxRequests: 100_000,
    };
    const log = run(load, {}, 0.1);
    expect(log.plannedUs[log.plannedUs.length - 1]).toBeGreaterThan(90_000);
    expect(log.outcome.filter((outcome) => outcome === Outcome.completed).length).toBe(24);
  });
});
