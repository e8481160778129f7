import { expect, test } from 'vitest';
import { NO_QUEUE_POLICY } from '../../../src/scenario/model-config.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

test('a request of whose bytes the trace says nothing is as long on a link as its tenant says', () => {
  const network = {
    requestDelayUs: 0,
    responseDelayUs: 0,
    requestBytesPerUs: 1,
    responseBytesPerUs: Number.POSITIVE_INFINITY,
  };
  const model = { config: config('m', 8), profile: profile('m', 1, 0) };
  const load = arrivals([0, 20_000], { payloadBytes: Uint32Array.of(0, 500) });
  const sender = tenant('t', 'm', load, { batchSize: 3, requestBytes: 1000 });
  const { log } = simulate(scenario([server('s', { models: [model], more: { network } })], [sender], 1));
  expect(Array.from(log.calls.queuedUs)).toEqual([3000, 20_500]);
});

test('word of a refusal takes no room on the link of the answers', () => {
  const network = {
    requestDelayUs: 0,
    responseDelayUs: 0,
    requestBytesPerUs: Number.POSITIVE_INFINITY,
    responseBytesPerUs: 1,
  };
  const batching = { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 1 } };
  const model = { config: config('m', 1, batching), profile: profile('m', 10, 0) };
  const sender = tenant('t', 'm', arrivals([0, 100, 200, 300]), { responseBytes: 5000 });
  const { log } = simulate(scenario([server('s', { models: [model], more: { network } })], [sender], 1));
  // A byte all the same: nothing travels in no time.
  expect(Array.from(log.endedUs)).toEqual([15_000, 25_000, 201, 301]);
  expect(Array.from(log.outcome)).toEqual([
    Outcome.completed,
    Outcome.completed,
    Outcome.rejected,
    Outcome.rejected,
  ]);
});
