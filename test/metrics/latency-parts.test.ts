import { expect, it } from 'vitest';
import { loggedPartsMs } from '../../src/metrics/latency-parts.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

/** 2 ms an execution and a tenth more for each inference, 0.1 ms for each response. */
const sending = profile('m', 2, 0.1, { response: { fixedUs: 50, perRequestUs: 100, perKilobyteUs: 0 } });
const network = {
  requestDelayUs: 200,
  responseDelayUs: 200,
  requestBytesPerUs: Infinity,
  responseBytesPerUs: Infinity,
};
const served = (load: Parameters<typeof tenant>[2], durationS: number) =>
  simulate(
    scenario(
      [server('s', { models: [{ config: config('m', 4, {}), profile: sending }], more: { network } })],
      [tenant('t', 'm', load)],
      durationS,
    ),
  ).log;

it('an output is counted until the last response of its execution has left, and what the others left earlier is taken from the network', () => {
  const log = served(arrivals([0, 1000, 1000, 1000]), 0.1);
  const { output, network: outside } = loggedPartsMs(log, [1, 2, 3]);
  expect(output).toBeCloseTo(0.3, 6);
  expect(outside).toBeCloseTo(0.4 - (0.2 + 0.1 + 0) / 3, 6);
});

it('the parts of a latency are all of it', () => {
  const log = served(poisson('parts', 800, 2000), 2);
  const rows = Array.from(log.outcome.keys()).filter((row) => log.outcome[row] === 0);
  const mean =
    rows.reduce((sum, row) => sum + log.endedUs[row]! - log.plannedUs[row]!, 0) / rows.length / 1000;
  const parts = Object.values(loggedPartsMs(log, rows)).reduce((sum, ms) => sum + ms, 0);
  expect(rows.length).toBeGreaterThan(1000);
  expect(parts).toBeCloseTo(mean, 4);
});

it('of a stream the further responses are in the parts as well, where the server does not count them', () => {
  const responses = { mean: 3, law: 'constant' as const, firstUs: 2000, gapUs: 5000 };
  const models = [{ config: config('m', 1), profile: profile('m', 10, 0), more: { responses } }];
  const { log } = simulate(scenario([server('s', { models })], [tenant('t', 'm', arrivals([0]))], 1));
  const { network: outside, infer } = loggedPartsMs(log, [0]);
  expect(infer).toBeCloseTo(10, 6);
  expect(outside).toBeCloseTo(2 + 2 * 5, 6);
});
