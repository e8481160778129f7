import { expect, it } from 'vitest';
import { compareInstruments, instrumentsSection } from '../../scripts/live/instruments.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** One request each 10 ms for 4 s, each of which takes 2 ms; of the first second none counts. */
const SENT_US = Array.from({ length: 400 }, (_, i) => 10_000 * i);
const host = server('s', { models: [{ config: config('m', 1), profile: profile('m', 2, 0) }] });
const own = simulate(scenario([host], [tenant('m', 'm', arrivals(SENT_US))], 5));

const seenBy = (perfAnalyzerMs: (i: number) => number) => [
  { model: 'm', sentUs: SENT_US, latencyUs: SENT_US.map((_, i) => 1000 * perfAnalyzerMs(i)) },
];
const rowOf = (perfAnalyzerMs: (i: number) => number) =>
  compareInstruments({ name: 'alone' }, seenBy(perfAnalyzerMs), own);

it('two instruments are compared by the requests that both sent while all tenants did, less the first second', () => {
  const [row] = rowOf((i) => (i < 100 ? 50 : 2.5));
  expect(row).toMatchObject({ name: 'alone', model: 'm' });
  expect(row!.perfAnalyzer.meanMs).toBeCloseTo(2.5, 9);
  expect(row!.own.p99Ms).toBeCloseTo(2, 3);
});

it('what differs by no more than the runs of an instrument do from each other counts as agreement', () => {
  const apart = instrumentsSection([...rowOf(() => 2.5), ...rowOf(() => 2.5)]);
  expect(apart).toContain('0 of 4 figures');
  expect(apart).toContain('| alone | m | 2 | 2.50, 2.00, -20.0 % (0.0) |');
  expect(instrumentsSection([...rowOf(() => 1.9), ...rowOf(() => 2.3)])).toContain('4 of 4 figures');
});

it('tenants are told by their names: a kept run may have them in another order', () => {
  const [seen] = seenBy(() => 2.5);
  const log = { ...own.log, tenants: ['other', 'm'], tenant: own.log.tenant.map(() => 1) };
  const [row] = compareInstruments({ name: 'alone' }, [seen!], { log });
  expect(row!.own.meanMs).toBeCloseTo(2, 3);
});
