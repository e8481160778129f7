import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const DELAY_US = 2000;
const TIMEOUT_US = 1500;

/** Requests at fractions of a nanosecond to a model that waits for batches of eight, late enough for a clock of few digits. */
function logOf(policy: typeof NO_QUEUE_POLICY, eventLoop: boolean) {
  const random = new Random(1, 2, 3);
  let us = 1e6;
  const arrivalUs = Array.from({ length: 5000 }, () => {
    us += 4000 * random.next();
    return us + 1 / 3;
  });
  const batching = { maxQueueDelayUs: DELAY_US, preferredBatchSizes: [], defaultQueuePolicy: policy };
  const models = [{ config: config('m', 8, batching), profile: profile('m', 1, 0.1) }];
  const tenants = [tenant('t', 'm', arrivals(arrivalUs))];
  return simulate(scenario([server('s', { models })], tenants, 30), { eventLoop }).log;
}

describe.each([true, false])(
  'whatever fractions of a nanosecond requests arrive at (general event loop: %s)',
  (eventLoop) => {
    it('the run ends, and the first of a batch waited as long as it may', () => {
      const log = logOf(NO_QUEUE_POLICY, eventLoop);
      const waitedUs = log.calls.startedUs.map((startedUs, row) => startedUs - log.calls.queuedUs[row]!);
      expect(log.outcome.every((outcome) => outcome === 0)).toBe(true);
      expect(Math.max(...waitedUs)).toBeGreaterThan(DELAY_US - 0.01);
    });

    it('the run ends where requests wait for less than the batcher does', () => {
      const policy = { ...NO_QUEUE_POLICY, timeoutAction: 'DELAY' as const, defaultTimeoutUs: TIMEOUT_US };
      const log = logOf(policy, eventLoop);
      expect(log.outcome.every((outcome) => outcome === 0)).toBe(true);
    });
  },
);

it.each([true, false])(
  'whatever fraction of a nanosecond a way takes, a request was sent when its trace says (general event loop: %s)',
  (eventLoop) => {
    const arrivalUs = Array.from({ length: 300 }, (_, us) => us);
    const models = [{ config: config('m', 8, {}), profile: profile('m', 1, 0.1) }];
    for (const requestDelayUs of [0.1, 33.3337, 175.4321]) {
      const host = server('s', { models });
      const network = { ...host.network, requestDelayUs };
      const spec = scenario([{ ...host, network }], [tenant('t', 'm', arrivals(arrivalUs))], 1);
      expect(Array.from(simulate(spec, { eventLoop }).log.plannedUs)).toEqual(arrivalUs);
    }
  },
);
