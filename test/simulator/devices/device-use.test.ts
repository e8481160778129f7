import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

const SECOND_MODEL = { targets: [{ server: 0, model: 1 }] };

/** Milliseconds of the only device by tenant. */
function msByTenant(spec: Scenario, eventLoop: boolean): Record<string, number> {
  const [device] = simulate(spec, { eventLoop }).devices;
  return Object.fromEntries([...device!.busyUsByTenant].map(([name, us]) => [name, us / 1000]));
}

describe.each([false, true])("a tenant's device time (eventLoop: %s)", (eventLoop) => {
  it('is what its execution has had of the device by the end of the run, if that cuts it off', () => {
    const models = [
      { config: config('short', 8, {}), profile: profile('short', 100, 0) },
      { config: config('long', 8, {}), profile: profile('long', 1000, 0) },
    ];
    const tenants = [
      tenant('short', 'short', arrivals([0])),
      tenant('long', 'long', arrivals([500_000]), SECOND_MODEL),
    ];
    expect(msByTenant(scenario([server('s', { models })], tenants, 1), eventLoop)).toEqual({
      short: 100,
      long: 500,
    });
  });

  it('is not the time in which a pipelined execution waits for the one before it', () => {
    const models = [
      { config: config('m', 1, {}), profile: profile('m', 100, 0), more: { pipelined: true } },
      { config: config('n', 1, {}), profile: profile('n', 50, 0) },
    ];
    const tenants = [
      tenant('m', 'm', arrivals([0, 1000, 2000, 3000])),
      tenant('n', 'n', arrivals([0, 100_000]), SECOND_MODEL),
    ];
    expect(msByTenant(scenario([server('s', { models })], tenants, 2), eventLoop)).toEqual({
      m: 400,
      n: 100,
    });
  });
});

describe.each([false, true])('a device (eventLoop: %s)', (eventLoop) => {
  const models = [
    { config: config('m', 1, {}), profile: profile('m', 100, 0), instances: 3 },
    { config: config('n', 1, {}), profile: profile('n', 200, 0), device: 1 },
  ];
  const tenants = [
    tenant('m', 'm', arrivals([0, 50_000, 500_000])),
    tenant('n', 'n', arrivals([900_000]), SECOND_MODEL),
  ];
  const host = server('s', { models, devices: 2, sharing: { mode: 'streams' } });
  const [first, second] = simulate(scenario([host], tenants, 1), { eventLoop }).devices;

  it('is busy while anything runs, be it one or two that take turns at half of its speed, until the end of the run', () => {
    expect(first!.busyShare).toBeCloseTo(0.3, 9);
    expect(second!.busyShare).toBeCloseTo(0.1, 9);
  });

  it('has a timeline of when it was, which averages to how much', () => {
    const { timeline } = first!;
    const { length } = timeline;
    expect(timeline.reduce((sum, share) => sum + share, 0) / length).toBeCloseTo(0.3, 9);
    const at = (share: number) => timeline[Math.floor(share * length)];
    expect([0, 0.14, 0.3, 0.55, 0.7].map((share) => at(share)!.toFixed(6))).toEqual([
      '1.000000',
      '1.000000',
      '0.000000',
      '1.000000',
      '0.000000',
    ]);
  });

  it('holds each of its models once, and something for each instance', () => {
    expect([first!.memoryUsedMb, second!.memoryUsedMb]).toEqual([13, 11]);
  });
});
