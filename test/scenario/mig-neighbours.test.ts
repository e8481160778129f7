import { describe, expect, it } from 'vitest';
import { isMigSlice } from '../../src/scenario/mig.js';
import {
  modelsBesideNeighbours,
  neighbourSlowdown,
  slicesWithNeighbours,
  slowdownOfSlice,
} from '../../src/scenario/mig-neighbours.js';
import type { Device, Server } from '../../src/scenario/scenario.js';
import { config, profile } from '../support/scenario.js';

function slice(
  name: string,
  more: { readonly parent?: string; readonly neighbourSlowdown?: number } = {},
): Device {
  const sharing = { mode: 'mig', parent: 'gpu', computeSlices: 1, ...more } as const;
  return { name, kind: 'A30 MIG 1g.6gb', memoryMb: 6000, sharing };
}

/** A model of 10 ms on each of those devices. */
function placed(devices: readonly Device[], used: readonly number[]): Pick<Server, 'devices' | 'models'> {
  const models = used.map((device) => ({
    config: config(`m${device}`, 1),
    instances: [{ device, profile: profile(`m${device}`, 10, 0) }],
  }));
  return { devices, models };
}

const inferMs = (server: Pick<Server, 'devices' | 'models'>, end: 'least' | 'most') =>
  modelsBesideNeighbours(server, (cost) => cost[end]).map(
    ({ instances }) => instances[0]!.profile.service[0]!.inferMs,
  );

describe('neighbours on slices of one GPU', () => {
  it('cost what was measured of that kind of GPU', () => {
    expect(neighbourSlowdown('A30')).toMatchObject({ least: 1.05, most: 1.25 });
    expect(neighbourSlowdown('A100-80GB MIG 1g.10gb')).toMatchObject({ least: 1, most: 1.02 });
    const both = placed([slice('a'), slice('b')], [0, 1]);
    expect(inferMs(both, 'least')).toEqual([10.5, 10.5]);
    expect(inferMs(both, 'most').map((ms) => Number(ms.toFixed(6)))).toEqual([12.5, 12.5]);
  });

  it('cost nothing while they serve no model, or are of another GPU', () => {
    expect(inferMs(placed([slice('a'), slice('b')], [0]), 'most')).toEqual([10]);
    expect(inferMs(placed([slice('a'), slice('b', { parent: 'other' })], [0, 1]), 'most')).toEqual([10, 10]);
    expect(slicesWithNeighbours(placed([slice('a'), slice('b')], [0]))).toEqual([]);
  });

  it('cost what the scenario says', () => {
    const given = [slice('a', { neighbourSlowdown: 1.5 }), slice('b', { neighbourSlowdown: 1 })];
    expect(inferMs(placed(given, [0, 1]), 'least')).toEqual([15, 10]);
  });

  it('cost a slice that is the only device of its server what the scenario says, or what was measured', () => {
    const own = (given: number | undefined): Device => ({
      ...{ name: 'a', kind: 'A30 MIG 1g.6gb', memoryMb: 6000, sharing: { mode: 'streams' } },
      neighbours: slowdownOfSlice('A30 MIG 1g.6gb', given),
    });
    expect([1.5, undefined].map((given) => inferMs(placed([own(given)], [0]), 'least'))).toEqual([
      [15],
      [10.5],
    ]);
    expect(inferMs(placed([own(undefined)], [0]), 'most')).toEqual([12.5]);
    const { neighbours: _, ...alone } = own(undefined);
    expect(inferMs(placed([alone], [0]), 'most')).toEqual([10]);
  });

  it('are counted by a plan on every slice but a whole GPU', () => {
    expect(['A30 MIG 1g.6gb', 'A30 MIG 4g.24gb', 'A30'].map(isMigSlice)).toEqual([true, false, false]);
    expect(slowdownOfSlice('A30 MIG 2g.12gb', undefined)).toMatchObject({ least: 1.05, most: 1.25 });
    expect(slowdownOfSlice('A30 MIG 2g.12gb', 1.2)).toEqual({ least: 1.2, most: 1.2 });
    expect(slowdownOfSlice('A30 MIG 4g.24gb', 1.2)).toEqual({ least: 1, most: 1 });
  });
});
