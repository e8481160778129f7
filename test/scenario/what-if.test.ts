import { describe, expect, it } from 'vitest';
import { withCpuDevices } from '../../src/scenario/check/cpu-devices.js';
import { NO_QUEUE_POLICY, type QueuePolicy } from '../../src/scenario/model-config.js';
import type { Scenario, Sharing } from '../../src/scenario/scenario.js';
import {
  withLateBinding,
  withUnlimitedDevices,
  withUnlimitedHost,
  withUnlimitedHostAndInstances,
  withUnlimitedInstances,
} from '../../src/scenario/what-if.js';
import {
  arrivals,
  config,
  profile,
  type ServerSketch,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

const COMPUTES = { hostCores: { input: 0, infer: 1, output: 0, response: 0 } };

interface Host {
  readonly cores?: number;
  readonly mutuallyExclusiveWith?: readonly string[];
  readonly more?: ServerSketch['more'];
}

/** A model on the cores of a host, as a scenario file gives it, with two instances. */
function onHost({ cores, mutuallyExclusiveWith, more }: Host): Scenario {
  const model = profile('m', 10, 0, {
    ...COMPUTES,
    interference: { self: 1.2, pairs: [], ...(mutuallyExclusiveWith && { mutuallyExclusiveWith }) },
  });
  const sketch = server('s', {
    models: [{ config: config('m', 1), profile: model, instances: 2, device: -1 }],
    devices: 0,
    more: { cpuCores: cores ?? Infinity, ...more },
  });
  const placed = { ...sketch, ...withCpuDevices(sketch.devices, sketch.models, cores) };
  return scenario([placed], [tenant('t', 'm', arrivals([0]))], 1);
}

function sharings(changed: Scenario | undefined): Sharing[] | undefined {
  return changed?.servers.flatMap(({ devices }) => devices.map(({ sharing }) => sharing));
}

function instances(changed: Scenario | undefined): number | undefined {
  return changed?.servers[0]?.models[0]?.instances.length;
}

describe('payloads that are bound late', () => {
  const batched = (defaultQueuePolicy: QueuePolicy) => {
    const models = [{ config: config('m', 4, { defaultQueuePolicy }), profile: profile('m', 10, 0) }];
    return scenario([server('s', { models })], [tenant('t', 'm', arrivals([0]))], 1);
  };

  it('are another scenario where Triton binds them early', () => {
    expect(withLateBinding(batched(NO_QUEUE_POLICY), 't')).toBeDefined();
  });

  it.each<[string, Partial<QueuePolicy>]>([
    ['a queue limit', { maxQueueSize: 5 }],
    ['a timeout', { defaultTimeoutUs: 1000 }],
    ['timeouts of the requests', { allowTimeoutOverride: true }],
  ])('are nothing new where %s has them bound late already', (_, policy) => {
    expect(withLateBinding(batched({ ...NO_QUEUE_POLICY, ...policy }), 't')).toBeUndefined();
  });
});

describe('instances without limit', () => {
  it.each<[string, Host]>([
    ['the cores of their host', { cores: 2 }],
    ['what executions cost each other on a host of unknown cores', {}],
    ['a lock that they take in turns', { cores: 2, mutuallyExclusiveWith: ['m'] }],
  ])('share %s as before', (_, host) => {
    const as = onHost(host);
    expect(sharings(as)).toHaveLength(1);
    expect(sharings(withUnlimitedInstances(as, 't'))).toEqual(sharings(as));
  });

  it('are on a GPU of their own each', () => {
    const models = [{ config: config('m', 1), profile: profile('m', 10, 0) }];
    const onGpu = scenario(
      [server('s', { models, sharing: { mode: 'streams' } })],
      [tenant('t', 'm', arrivals([0]))],
      1,
    );
    const changed = withUnlimitedInstances(onGpu, 't');
    expect(sharings(changed)).toEqual([{ mode: 'exclusive' }]);
    expect(instances(changed)).toBeGreaterThan(100);
  });

  it('are not more than the cores of a host can tell from more, but never fewer than there were', () => {
    expect(instances(withUnlimitedInstances(onHost({ cores: 8 }), 't'))).toBe(32);
    expect(instances(withUnlimitedInstances(onHost({ cores: 0.25 }), 't'))).toBe(4);
    expect(instances(withUnlimitedInstances(onHost({}), 't'))).toBeGreaterThan(100);
    expect(instances(withUnlimitedHostAndInstances(onHost({ cores: 8 }), 't'))).toBeGreaterThan(100);
  });
});

describe('a host without limit', () => {
  it('has cores for all executions on it, which slow each other as they do with a core each', () => {
    const changed = withUnlimitedHost(onHost({ cores: 2 }), 't')!;
    expect(changed.servers[0]!.cpuCores).toBe(Infinity);
    expect(sharings(changed)).toEqual([{ mode: 'hostCores', cores: Infinity }]);
  });

  it('lifts cores that only a calibration knew of', () => {
    const counted = onHost({ cores: 2, more: { cpuCores: Infinity } });
    expect(sharings(withUnlimitedHost(counted, 't'))).toEqual([{ mode: 'hostCores', cores: Infinity }]);
  });

  it('lets no thread wait for a core, and leaves locks as they are', () => {
    const as = onHost({ cores: 2, mutuallyExclusiveWith: ['m'] });
    const { options } = as.servers[0]!;
    const waits = { threadWaits: { share: 0.5, longestUs: 3000, cores: 2 } };
    const waiting = {
      ...as,
      servers: as.servers.map((each) => ({ ...each, options: { ...options, ...waits } })),
    };
    const changed = withUnlimitedHost(waiting, 't')!;
    expect(changed.servers[0]!.options).toEqual(options);
    expect(sharings(changed)).toEqual(sharings(as));
  });

  it('changes nothing where nothing waits for a core', () => {
    expect(withUnlimitedHost(onHost({}), 't')).toBeUndefined();
    expect(withUnlimitedHostAndInstances(onHost({}), 't')).toBeUndefined();
  });
});

it('devices without limit are hosts of their own too', () => {
  const changed = withUnlimitedDevices(onHost({ cores: 2, mutuallyExclusiveWith: ['m'] }), 't')!;
  expect(sharings(changed)).toEqual([{ mode: 'exclusive' }]);
  expect(changed.servers[0]!.cpuCores).toBe(Infinity);
});
