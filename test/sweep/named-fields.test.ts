import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { NAMED_CHANGES } from '../../src/sweep/named-fields.js';
import { copyPlain, type Plain, type PlainRecord } from '../../src/sweep/plain.js';
import type { NamedField } from '../../src/sweep/spec.js';

function changed(field: NamedField, document: unknown, value: unknown, of?: readonly string[]) {
  const copy = copyPlain(document) as PlainRecord;
  NAMED_CHANGES[field](copy, value as Plain, of);
  return JSON.parse(JSON.stringify(copy));
}

/** The configuration of a model after a change. */
function configAfter(field: NamedField, config: unknown, value: unknown) {
  const document = { servers: [{ name: 's', models: [{ name: 'm', config }] }] };
  return changed(field, document, value).servers[0].models[0].config;
}

/** The load of a tenant at so many times its rate. */
function scaled(load: unknown, factor: number) {
  return changed('loadScale', { tenants: [{ name: 't', load }] }, factor).tenants[0].load;
}

describe('a number of instances', () => {
  it.each([[{}], [{ instance_group: [] }]])(
    'is that of the group that Triton makes where none is written: %j',
    (config) => {
      expect(configAfter('instances', config, 3)).toEqual({ instance_group: [{ count: 3 }] });
    },
  );

  it('is that of every group, but not of passive ones, in which nothing executes', () => {
    const groups = [{ kind: 'KIND_GPU', count: 1 }, { kind: 'KIND_CPU' }, { count: 2, passive: true }];
    expect(configAfter('instances', { instance_group: groups }, 4).instance_group).toEqual([
      { kind: 'KIND_GPU', count: 4 },
      { kind: 'KIND_CPU', count: 4 },
      { count: 2, passive: true },
    ]);
  });
});

describe('a largest batch', () => {
  const preferring = (sizes: readonly number[]) => ({
    max_batch_size: 16,
    dynamic_batching: { preferred_batch_size: sizes, max_queue_delay_microseconds: 5 },
  });

  it('keeps the preferred sizes that it still holds, itself among them', () => {
    expect(configAfter('maxBatchSize', preferring([4, 8, 16]), 8)).toEqual({
      ...preferring([4, 8]),
      max_batch_size: 8,
    });
  });

  it('leaves no list of preferred sizes where none fits, which Triton would refuse', () => {
    expect(configAfter('maxBatchSize', preferring([8, 16]), 4)).toEqual({
      max_batch_size: 4,
      dynamic_batching: { max_queue_delay_microseconds: 5 },
    });
  });
});

describe('what is no number', () => {
  const odd = { a: 1 };

  it('is left in a point for its check to tell, whatever an axis does to it', () => {
    const config = { max_batch_size: 16, dynamic_batching: { preferred_batch_size: [odd, 4, 16] } };
    expect(configAfter('maxBatchSize', config, odd).dynamic_batching.preferred_batch_size).toEqual([
      odd,
      4,
      16,
    ]);
    expect(configAfter('maxBatchSize', config, 8).dynamic_batching.preferred_batch_size).toEqual([odd, 4]);
    expect(scaled({ trace: { scaleRate: odd } }, 2)).toEqual({ trace: { scaleRate: odd } });
    expect(scaled({ closedLoop: { concurrency: odd } }, 2)).toEqual({ closedLoop: { concurrency: odd } });
    expect(scaled({ closedLoop: {} }, 2)).toEqual({ closedLoop: {} });
  });

  it('as a name is the name of nothing', () => {
    const document = { servers: [{ name: odd, devices: [], models: [{ name: odd }] }], profiles: 5 };
    expect(changed('gpu', document, { kind: 'B', models: { a: 'b' } })).toEqual(document);
    expect(() => changed('sharing', document, 'streams', ['s'])).toThrow('there is no server "s"');
  });
});

describe('a load at so many times its rate', () => {
  it('has every rate of its process that much higher, and no other number', () => {
    const processes = [
      [
        { kind: 'gamma', ratePerS: 10, cv: 2 },
        { kind: 'gamma', ratePerS: 15, cv: 2 },
      ],
      [
        { kind: 'flashCrowd', baseRatePerS: 2, peakRatePerS: 10, startS: 1, rampUpS: 1, holdS: 1, decayS: 1 },
        { kind: 'flashCrowd', baseRatePerS: 3, peakRatePerS: 15, startS: 1, rampUpS: 1, holdS: 1, decayS: 1 },
      ],
      [
        {
          kind: 'mmpp',
          states: [
            { ratePerS: 4, meanDwellS: 2 },
            { ratePerS: 0, meanDwellS: 6 },
          ],
        },
        {
          kind: 'mmpp',
          states: [
            { ratePerS: 6, meanDwellS: 2 },
            { ratePerS: 0, meanDwellS: 6 },
          ],
        },
      ],
      [
        { kind: 'counts', counts: [4, 0, 2], binS: 60 },
        { kind: 'counts', counts: [6, 0, 3], binS: 60 },
      ],
    ];
    for (const [process, expected] of processes)
      expect(scaled({ process }, 1.5)).toEqual({ process: expected });
  });

  it('replays a trace at that many times what it was replayed at', () => {
    expect(scaled({ trace: { file: 'a.csv' } }, 1.5).trace).toEqual({ file: 'a.csv', scaleRate: 1.5 });
    expect(scaled({ trace: { file: 'a.csv', scaleRate: 2 } }, 1.5).trace.scaleRate).toBe(3);
  });

  it('has whole clients in a closed loop, and one at least', () => {
    const closedLoopClients = (concurrency: number, factor: number) =>
      scaled({ closedLoop: { concurrency, thinkMs: 7 } }, factor).closedLoop;
    expect(closedLoopClients(5, 1.5)).toEqual({ concurrency: 8, thinkMs: 7 });
    expect(closedLoopClients(5, 0.05)).toEqual({ concurrency: 1, thinkMs: 7 });
  });
});

describe('another GPU', () => {
  const document = {
    profiles: ['old.json'],
    servers: [
      { name: 's', devices: [{ kind: 'A', memoryMb: 16_000 }] },
      { name: 't', devices: [{ kind: 'A', memoryMb: 16_000 }] },
    ],
  };

  it('does not have the memory of the one before where its own is not told', () => {
    const { servers } = changed('gpu', document, { kind: 'B' }, ['s']);
    expect(servers[0].devices).toEqual([{ kind: 'B' }]);
    expect(servers[1].devices).toEqual([{ kind: 'A', memoryMb: 16_000 }]);
  });

  it('adds its profiles to those that there are, each once', () => {
    const { profiles } = changed('gpu', document, { kind: 'B', profiles: ['b.json', 'old.json'] });
    expect(profiles).toEqual(['old.json', 'b.json']);
  });

  it('of a server that is not there is refused', () => {
    expect(() => changed('gpu', document, { kind: 'B' }, ['u'])).toThrow(InputError);
  });
});
