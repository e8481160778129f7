import { expect, it } from 'vitest';
import { summarizeRun } from '../../src/report/build-report.js';
import { stepTable } from '../../src/report/tables/tenant-tables.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

it('the table of steps names the one whose instances are busiest, or the engine that most wait for: it limits throughput', () => {
  const ensemble = {
    steps: [0, 1].map((model) => ({ model, needs: [model], gives: [model + 1] })),
    inputs: 1,
    tensors: 3,
    outputs: new Map([['OUT', 2]]),
  };
  const models = [
    { config: config('before', 1), profile: profile('before', 4, 0), instances: 2, device: 0 },
    { config: config('net', 1), profile: profile('net', 3, 0), device: 1 },
    { config: config('e', 1), profile: profile('e', 0, 0), instances: 0, more: { ensemble } },
  ];
  const every10Ms = arrivals(Array.from({ length: 100 }, (_, i) => i * 10_000));
  const own = tenant('shop', 'e', every10Ms, { targets: [{ server: 0, model: 2 }] });
  const of = scenario([server('s', { devices: 2, models })], [own], 1);
  const { tenants, models: found } = summarizeRun({ scenario: of, result: simulate(of) });
  expect(found.map(({ busyShare }) => busyShare)).toEqual([0.2, 0.3, undefined]);
  expect(stepTable(tenants, found).notes).toEqual([
    'shop: net limits throughput, its instances are busy 30.0 % of the time.',
  ]);
  const pipelined = found.map((each): (typeof found)[number] => {
    if (each.model !== 'net') return each;
    const { busyShare: _, ...unknown } = each;
    return unknown;
  });
  expect(stepTable(tenants, pipelined).notes ?? []).toEqual([]);
  const kvCache = { tokens: 100, usedShare: { mean: 0.2, most: 0.3 } };
  const engineFirst = found.map((each) =>
    each.model === 'before' ? { ...each, busyShare: 1, kvCache } : each,
  );
  expect(stepTable(tenants, engineFirst).notes).toEqual(stepTable(tenants, found).notes);
  const waiting = tenants.map((each) => ({
    ...each,
    steps: each.steps!.map((step) => (step.model === 'before' ? { ...step, queueMs: 9 } : step)),
  }));
  expect(stepTable(waiting, engineFirst).notes).toEqual([
    'shop: before limits throughput, requests wait the longest for it.',
  ]);
});
