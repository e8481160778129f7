import { expect, test } from 'vitest';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

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
  expect(Array.from(log.queuedUs)).toEqual([3000, 20_500]);
});
