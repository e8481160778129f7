import { expect, it } from 'vitest';
import { CALLER_CASES, LIMITED } from '../../scripts/callers/cases.js';
import { callersMarkdown, compareCallers, figuresOf } from '../../scripts/callers/results.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const SECONDS = 20;
const limit = { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 64 } };

/** One caller of a model of 4 ms with a queue limit, after so many of whose executions the batcher sleeps. */
function called(lateShare: number) {
  const host = server('s', { models: [{ config: config('m', 1, limit), profile: profile('m', 4, 0) }] });
  const network = { ...host.network, requestDelayUs: 100, responseDelayUs: 100 };
  const options = { ...host.options, lateBindingWinsShare: 1, lateIdle: { share: lateShare, us: 600 } };
  const thinkTime = { law: 'constant', meanUs: 0 } as const;
  const load = { mode: 'closed', concurrency: 1, thinkTime, maxRequests: Infinity } as const;
  return scenario([{ ...host, network, options }], [tenant('t', 'm', load)], SECONDS);
}

it('every model with a queue limit is asked under callers and under an open loop', () => {
  for (const { name } of LIMITED) {
    const modes = CALLER_CASES.filter(({ loads }) => loads[0]!.model === name).map(({ loads }) =>
      Object.keys(loads[0]!.load),
    );
    expect(modes.flat().sort()).toEqual(['closedLoop', 'closedLoop', 'closedLoop', 'process']);
  }
});

it('sleeps and answers are counted alike in a run and in the simulation', () => {
  const { log } = simulate(called(0.05));
  const row = compareCallers('one caller', called(0.05), [{ log }], SECONDS);
  expect(row.sleeps[0]).toBeGreaterThan(10);
  expect(Math.abs(row.predicted.sleeps - row.sleeps[0]!)).toBeLessThan(6);
  expect(row.predicted.answeredPerS / row.answeredPerS[0]!).toBeCloseTo(1, 0);
  expect(row.withoutSleeps.sleeps).toBe(0);
  expect(row.withoutSleeps.answeredPerS).toBeGreaterThan(4 * row.answeredPerS[0]!);
});

it('the page shows the worst prediction first, open loops apart', () => {
  const run = { log: simulate(called(0.05)).log };
  const open = { ...called(0), tenants: [tenant('t', 'm', arrivals([0, 10_000, 20_000]))] };
  const rows = [
    compareCallers('well', called(0.05), [run], SECONDS),
    compareCallers('badly', called(0), [run], SECONDS),
    compareCallers('open', open, [{ log: simulate(open).log }], SECONDS),
  ];
  const page = callersMarkdown(rows, 'here');
  expect(page.indexOf('| badly |')).toBeLessThan(page.indexOf('| well |'));
  expect(page.indexOf('| well |')).toBeLessThan(page.indexOf('open loop'));
  expect(page).toMatch(/\| open \| \d+\.\d\d ±0\.00 \| \d+\.\d\d \| [+-]0\.0 \|/);
});

it('of a log without an answer there is no mean', () => {
  const open = { ...called(0), tenants: [tenant('t', 'm', arrivals([]))] };
  expect(figuresOf(simulate(open).log, SECONDS)).toEqual({ answeredPerS: 0, meanMs: Number.NaN, sleeps: 0 });
});
