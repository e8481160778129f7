import { describe, expect, it } from 'vitest';
import type { RatedPhases } from '../../../src/profile/serving.js';
import type { Load } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { SERVING } from '../../calibrate/fit/simulated-observations.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

const BY_RATE = [
  { requestsPerS: 10, inputUs: 10, inferUs: 100, outputUs: 200 },
  { requestsPerS: 100, inputUs: 0, inferUs: 0, outputUs: 50 },
  { requestsPerS: 1000, inputUs: 0, inferUs: 0, outputUs: 0 },
];

/** Phases of the first execution, microseconds, of a model that takes 1 + 2 + 1 ms; of `others` a tenant each. */
function phasesUs(
  load: Load,
  eventLoop: boolean,
  others: readonly Load[] = [],
  phasesByRate: readonly RatedPhases[] = BY_RATE,
) {
  const own = profile('m', 2, 0, { serving: { ...SERVING, phasesByRate } });
  const slow = { ...own, service: own.service.map((point) => ({ ...point, inputMs: 1, outputMs: 1 })) };
  const models = [
    { config: config('m', 1), profile: slow },
    ...others.map((_, i) => ({ config: config(`o${i}`, 1), profile: profile(`o${i}`, 0.01, 0) })),
  ];
  const tenants = [
    tenant('t', 'm', load),
    ...others.map((other, i) => tenant(`u${i}`, `o${i}`, other, { targets: [{ server: 0, model: 1 + i }] })),
  ];
  const { log } = simulate(scenario([server('s', { models })], tenants, 1), { eventLoop });
  const row = log.tenant.indexOf(0);
  return [log.calls.inputUs, log.calls.inferUs, log.calls.outputUs].map((column) => Math.round(column[row]!));
}

const every = (us: number) => arrivals(Array.from({ length: 1e6 / us }, (_, i) => i * us));

describe.each([true, false])(
  'executions of a server that gets few requests (general event loop: %s)',
  (eventLoop) => {
    it('take longer by what was measured at that rate, in each phase', () => {
      expect(phasesUs(every(100_000), eventLoop)).toEqual([1010, 2100, 1200]);
      expect(phasesUs(every(10_000), eventLoop)).toEqual([1000, 2000, 1050]);
    });

    it('take as long as at the rate of all its tenants together', () => {
      expect(phasesUs(every(100_000), eventLoop, [every(11_111)])).toEqual([1000, 2000, 1050]);
    });

    it('are kept awake by fewer requests where each is executed by itself, which in the calibration shared executions', () => {
      const batched = BY_RATE.map((each) => ({ ...each, executionsPerS: each.requestsPerS / 5 }));
      // 20 executions in a second, as many as 100 requests were.
      expect(phasesUs(every(50_000), eventLoop, [], batched)).toEqual([1000, 2000, 1050]);
    });

    it('take no longer where closed-loop clients never pause: nothing sleeps', () => {
      const closedLoopClients: Load = {
        mode: 'closed',
        concurrency: 1,
        thinkTime: { law: 'constant', meanUs: 0 },
        maxRequests: 10,
      };
      expect(phasesUs(closedLoopClients, eventLoop)).toEqual([1000, 2000, 1000]);
    });
  },
);
