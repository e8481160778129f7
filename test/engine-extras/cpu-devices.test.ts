import { describe, expect, it } from 'vitest';
import { costlessProfile } from '../../src/profile/costless.js';
import type { Interference } from '../../src/profile/profile.js';
import { withCpuDevices } from '../../src/scenario/check/cpu-devices.js';
import type { Device, ServedModel } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { mostAtOnce, rowsByExecution } from '../laws/log.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

const gpu: Device = { name: 'gpu0', kind: 'Tesla T4', memoryMb: 16000, sharing: { mode: 'streams' } };

/** A model with instances on these devices (-1: the host). */
function served(name: string, interference: Interference, devices: readonly number[] = [-1]): ServedModel {
  const own = profile(name, 2, 0.5, { device: 'CPU', interference });
  return { config: config(name, 8, {}), instances: devices.map((device) => ({ device, profile: own })) };
}

const alone: Interference = { pairs: [] };
const slowedBy = (model: string): Interference => ({ pairs: [{ model, slowdown: 1.5 }] });
const mutuallyExclusiveWith = (...models: string[]): Interference => ({
  pairs: [],
  mutuallyExclusiveWith: models,
});

const placesOf = (models: readonly ServedModel[]) =>
  models.map(({ instances }) => instances.map(({ device }) => device));

describe('models on the host', () => {
  it('that nothing was measured of stay on no device', () => {
    const models = [served('a', alone), served('b', alone, [-1, 0])];
    const placed = withCpuDevices([gpu], models, 4);
    expect(placed.devices).toEqual([gpu]);
    expect(placed.models).toEqual(models);
  });

  it('that slow each other, or themselves, meet on one device with the cores of the host', () => {
    const models = [served('a', slowedBy('b')), served('b', { self: 1.3, pairs: [] }), served('c', alone)];
    const { devices, models: placed } = withCpuDevices([gpu], models, 2);
    expect(devices.slice(1)).toEqual([
      { name: 'cpu', kind: 'CPU', memoryMb: Infinity, sharing: { mode: 'hostCores', cores: 2 } },
    ]);
    expect(placesOf(placed)).toEqual([[1], [1], [-1]]);
  });

  it('meet on no GPU that has the name of theirs', () => {
    const { devices, models } = withCpuDevices(
      [{ ...gpu, name: 'cpu' }],
      [served('a', slowedBy('a'), [-1, 0])],
    );
    expect(devices.map(({ name, kind }) => [name, kind])).toEqual([
      ['cpu', 'Tesla T4'],
      ['host cpu', 'CPU'],
    ]);
    expect(placesOf(models)).toEqual([[1, 0]]);
  });

  it('that keep cores busy meet there as well, although nothing slows them', () => {
    const computing = profile('a', 2, 0.5, {
      device: 'CPU',
      hostCores: { input: 0, infer: 1, output: 0, response: 0 },
    });
    const models = [{ config: config('a', 8, {}), instances: [{ device: -1, profile: computing }] }];
    const { devices } = withCpuDevices([], models, 2);
    expect(devices.map(({ sharing }) => sharing)).toEqual([{ mode: 'hostCores', cores: 2 }]);
    expect(withCpuDevices([], models).devices).toEqual([]);
  });

  it('share a device without cores where nobody knows how many there are', () => {
    const { devices } = withCpuDevices([], [served('a', slowedBy('a'))]);
    expect(devices.map(({ sharing }) => sharing)).toEqual([{ mode: 'streams' }]);
  });

  it('leave their instances on GPUs where they are', () => {
    const { models: placed } = withCpuDevices([gpu], [served('a', slowedBy('a'), [0, -1, 0])], 2);
    expect(placesOf(placed)).toEqual([[0, 1, 0]]);
  });

  it('that take turns get a device of their own for each group, whoever of it says so', () => {
    const models = [
      served('a', mutuallyExclusiveWith('b')),
      served('b', alone),
      served('c', mutuallyExclusiveWith('b')),
      served('x', mutuallyExclusiveWith('y')),
      served('y', mutuallyExclusiveWith('x')),
      served('z', slowedBy('a')),
    ];
    const { devices, models: placed } = withCpuDevices([], models, 2);
    expect(devices.map(({ name }) => name)).toEqual(['cpu turns of a', 'cpu turns of x', 'cpu']);
    expect(placesOf(placed)).toEqual([[0], [0], [0], [1], [1], [2]]);
  });

  it('are placed in a copy: what was given is as before', () => {
    const models = [served('a', slowedBy('a'))];
    const devices = [gpu];
    withCpuDevices(devices, models, 2);
    expect(devices).toEqual([gpu]);
    expect(placesOf(models)).toEqual([[-1]]);
  });
});

describe('executions of models that take turns', () => {
  const run = (first: Interference, second: Interference) => {
    const models = [served('a', first), served('b', second)];
    const host = server('s', { models: [], more: withCpuDevices([], models, 2) });
    const tenants = ['a', 'b'].map((name, model) =>
      tenant(name, name, poisson(`turns ${name}`, 200, 600), { targets: [{ server: 0, model }] }),
    );
    return simulate(scenario([host], tenants, 4)).log;
  };

  it('never end up side by side: each takes the device for as long as its own service time', () => {
    const log = run(mutuallyExclusiveWith('b'), alone);
    const spans = [...rowsByExecution(log).values()].map(([row]) => {
      const serviceUs = 2000 + 500 * log.calls.executedBatch[row!]!;
      const endUs = log.calls.startedUs[row!]! + log.calls.inferUs[row!]!;
      return [endUs - serviceUs + 0.01, endUs - 0.01] as const;
    });
    expect(spans.length).toBeGreaterThan(500);
    expect(mostAtOnce(spans)).toBe(1);
  });

  it('wait for each other, where models that do not would run at once', () => {
    const longest = (log: ReturnType<typeof run>) =>
      [...log.calls.inferUs].reduce(
        (most, us, row) => Math.max(most, us - 500 * log.calls.executedBatch[row]!),
        0,
      );
    expect(longest(run(alone, alone))).toBeCloseTo(2000, 3);
    expect(longest(run(mutuallyExclusiveWith('b'), mutuallyExclusiveWith('a')))).toBeGreaterThan(3000);
  });
});

it('What a model that calls others computes by itself takes the cores of its host, and counts as their use', () => {
  const callers = [
    {
      config: config('caller', 1),
      instances: [-1, -1].map((device) => ({ device, profile: costlessProfile('caller', 'CPU') })),
      calls: [{ ownUs: 4000 }, { ownUs: 6000 }],
    },
  ];
  const host = { ...server('s', { models: [] }), cpuCores: 1, ...withCpuDevices([], callers, 1) };
  const { log, devices, hosts } = simulate(scenario([host], [tenant('t', 'caller', arrivals([0, 0]))], 0.04));
  expect([...log.endedUs]).toEqual([20_000, 20_000]);
  expect(devices.map(({ device, busyShare }) => [device, busyShare])).toEqual([['cpu', 0.5]]);
  expect(hosts[0]!.coresBusy).toBeCloseTo(0.5, 9);
});
