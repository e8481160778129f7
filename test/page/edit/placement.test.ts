import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { setBatching } from '../../../src/page/edit/batching.js';
import { boardOf } from '../../../src/page/edit/board-view.js';
import { HOST, slotsOf } from '../../../src/page/edit/placement.js';
import {
  addDevice,
  addServer,
  changeKind,
  migChoices,
  removeDevice,
  removeServer,
  renameServer,
  SHARING_MODES,
  setMig,
  setPrice,
  setShare,
  setSharing,
} from '../../../src/page/edit/placement-devices.js';
import { addInstance, moveInstances, removeInstance } from '../../../src/page/edit/placement-moves.js';
import type { Shipped } from '../../../src/page/edit/placement-shipped.js';
import { consequences } from '../../../src/page/edit/placement-words.js';
import { checkScenario } from '../../../src/scenario/check.js';
import { type ScenarioSpec, scenarioSpecSchema } from '../../../src/scenario/spec.js';
import { profile } from '../../scenario/fixtures.js';

const price = {
  provider: 'aws',
  vcpu: 4,
  memoryGib: 16,
  scope: 'instance',
  region: 'here',
  asOf: '2024',
  source: 'a test',
  confidence: 'sourced',
} as const;

function one(model: string, device: string) {
  return [{ file: `${model} ${device}`, profile: profile(model, device) }];
}

const SHIPPED: Shipped = {
  profiles: {
    own: [...one('resnet50', 'Tesla T4'), ...one('bert', 'Tesla T4'), ...one('resnet50', 'CPU')],
    'shipped:a100/resnet50-onnx': one('resnet50-onnx', 'A100-80GB'),
    'shipped:a100/bert': one('bert', 'A100-80GB'),
    'shipped:mig/bert': one('bert', 'A100-80GB MIG 3g.40gb'),
    'shipped:mig/resnet50': one('resnet50', 'A100-80GB MIG 3g.40gb'),
  },
  prices: [
    { ...price, sku: 'g4dn.xlarge', gpu: 'T4', gpuCount: 1, usdPerHour: 0.5 },
    { ...price, sku: 'g4dn.12xlarge', gpu: 'T4', gpuCount: 4, usdPerHour: 4 },
    { ...price, sku: 'a2-ultragpu-1g', gpu: 'A100-80GB', gpuCount: 1, usdPerHour: 5 },
  ],
};

const machine = { kind: 'g4dn.xlarge', usdPerHour: 0.5, priceSource: 'a test' };

const SPEC = scenarioSpecSchema.parse({
  perseus: 1,
  name: 'two servers',
  durationS: 10,
  profiles: ['own'],
  servers: [
    {
      name: 'a',
      machine,
      devices: [
        { name: 'gpu0', kind: 'Tesla T4' },
        { name: 'gpu1', kind: 'Tesla T4' },
      ],
      models: [
        {
          name: 'resnet50',
          config: {
            max_batch_size: 8,
            instance_group: [{ name: 'r', kind: 'KIND_GPU', count: 2, gpus: [0] }],
          },
        },
        {
          name: 'bert',
          config: {
            max_batch_size: 8,
            dynamic_batching: {},
            instance_group: [{ name: 'b', kind: 'KIND_GPU', count: 1, gpus: [1] }],
          },
        },
      ],
    },
    {
      name: 'b',
      machine,
      devices: [{ name: 'gpu0', kind: 'Tesla T4' }],
      models: [],
    },
  ],
  tenants: [
    {
      name: 'photos',
      model: 'resnet50',
      servers: ['a'],
      load: { process: { kind: 'poisson', ratePerS: 20 } },
    },
    { name: 'questions', model: 'bert', load: { process: { kind: 'poisson', ratePerS: 20 } } },
  ],
});

const RESNET = { model: 'resnet50', server: 0, device: 0 };
const BERT = { model: 'bert', server: 0, device: 1 };

/** What runs where: instances of each model by server and device. */
function placed(spec: ScenarioSpec): Record<string, string> {
  const { scenario } = check(spec);
  return Object.fromEntries(
    scenario.servers.map((server) => [
      server.name,
      server.models
        .map(
          ({ config, instances }) => `${config.name} on ${instances.map(({ device }) => device).join(' ')}`,
        )
        .join(', '),
    ]),
  );
}

function check(data: ScenarioSpec) {
  const resources = {
    profiles: new Map(Object.entries(SHIPPED.profiles).map(([path, value]) => [path, { value }])),
    configs: new Map(),
    traces: new Map(),
  };
  const spec = scenarioSpecSchema.parse(data);
  return checkScenario({ spec, problems: [], positionOf: () => ({}) }, resources);
}

describe('a model moved', () => {
  const targets = [
    ['to another GPU', { server: 0, device: 1 }, { a: 'resnet50 on 1 1, bert on 1', b: '' }],
    ['to another server', { server: 1, device: 0 }, { a: 'bert on 1', b: 'resnet50 on 0 0' }],
    ['to the cores of a host', { server: 0, device: HOST }, { a: 'resnet50 on -1 -1, bert on 1', b: '' }],
  ] as const;

  it.each(targets)('%s runs there, and its tenants send there', (_, to, where) => {
    expect(placed(moveInstances(SPEC, RESNET, to, SHIPPED))).toEqual(where);
  });

  it.each(targets)('%s and back leaves the scenario as it was', (_, to) => {
    const there = moveInstances(SPEC, RESNET, to, SHIPPED);
    expect(moveInstances(there, { ...RESNET, ...to }, RESNET, SHIPPED)).toEqual(SPEC);
  });
});

describe('instances', () => {
  it('come and go one by one, but for the last one', () => {
    const three = addInstance(SPEC, RESNET, SHIPPED);
    expect(placed(three)['a']).toBe('resnet50 on 0 0 0, bert on 1');
    expect(removeInstance(three, RESNET, SHIPPED)).toEqual(SPEC);
    expect(() => removeInstance(SPEC, BERT, SHIPPED)).toThrow('the last instance of bert');
  });
});

describe('a GPU', () => {
  it('that is added and removed leaves the scenario as it was, but for the price', () => {
    const more = addDevice(SPEC, 0, SHIPPED);
    expect(more.servers[0]!.devices[2]).toEqual({ name: 'gpu2', kind: 'Tesla T4' });
    expect(more.servers[0]!.machine).toMatchObject({ kind: '3 × g4dn.xlarge', usdPerHour: 1.5 });
    expect(addDevice(more, 0, SHIPPED).servers[0]!.machine).toMatchObject({
      kind: 'g4dn.12xlarge',
      usdPerHour: 4,
    });
    const back = removeDevice(more, 0, 2, SHIPPED);
    expect(placed(back)).toEqual(placed(SPEC));
    expect(back.servers[0]!.devices).toEqual(SPEC.servers[0]!.devices);
  });

  it('that is removed gives its models to the one beside it, and is refused where there is none', () => {
    const less = removeDevice(SPEC, 0, 0, SHIPPED);
    expect(placed(less)['a']).toBe('resnet50 on 0 0, bert on 0');
    expect(() => removeDevice(less, 0, 0, SHIPPED)).toThrow('resnet50 is served by this GPU only');
  });

  it('of another kind has that kind’s profiles, shipped ones where there are no others, and its price', () => {
    const bert = moveInstances(SPEC, BERT, { server: 1, device: 0 }, SHIPPED);
    const changed = changeKind(bert, 1, 0, 'A100-80GB', SHIPPED);
    expect(changed.profiles).toEqual(['own', 'shipped:a100/bert']);
    expect(changed.servers[1]!.machine).toMatchObject({ kind: 'a2-ultragpu-1g', usdPerHour: 5 });
    expect(placed(changed)['b']).toBe('bert on 0');
    const both = moveInstances(changed, RESNET, { server: 1, device: 0 }, SHIPPED);
    expect(both.servers[1]!.models[0]).toMatchObject({ name: 'resnet50', profile: 'resnet50-onnx' });
    expect(consequences(bert, both)).toEqual([
      'resnet50 on b now runs as the shipped resnet50-onnx; yours may differ by several times.',
      'b costs $5.00 per hour (a2-ultragpu-1g).',
    ]);
    expect(placed(both)['b']).toBe('resnet50 on 0 0, bert on 0');
  });

  it('of a kind that the price book lacks keeps its price, and the page says so', () => {
    const changed = changeKind(SPEC, 1, 0, 'A30', SHIPPED);
    expect(changed.servers[1]!.machine?.usdPerHour).toBe(0.5);
    expect(consequences(SPEC, changed)).toEqual([
      'The price book has no such machine: b keeps its $0.50 per hour.',
    ]);
  });

  it('is divided into slices that its kind allows, a model on each, and made whole again', () => {
    expect(migChoices('Tesla T4')).toEqual([]);
    expect(migChoices('A30')).toContainEqual(['2g.12gb', '1g.6gb', '1g.6gb']);
    const both = moveInstances(
      moveInstances(SPEC, BERT, { server: 1, device: 0 }, SHIPPED),
      RESNET,
      { server: 1, device: 0 },
      SHIPPED,
    );
    const whole = changeKind(both, 1, 0, 'A100-80GB', SHIPPED);
    const divided = setMig(whole, 1, 0, ['3g.40gb', '3g.40gb'], SHIPPED);
    expect(placed(divided)['b']).toBe('resnet50 on 0 0, bert on 1');
    expect(placed(setMig(divided, 1, 0, undefined, SHIPPED))['b']).toBe('resnet50 on 0 0, bert on 0');
    expect(() => setMig(whole, 1, 0, ['4g.40gb', '4g.40gb'], SHIPPED)).toThrow('cannot be divided');
    expect(changeKind(divided, 1, 0, 'Tesla T4', SHIPPED).servers[1]!.devices[0]).toEqual({
      name: 'gpu0',
      kind: 'Tesla T4',
    });
  });

  it('under MPS has a share for each model that is there, and keeps those that were set', () => {
    const mps = setSharing(SPEC, 0, 0, 'mps', SHIPPED);
    const both = moveInstances(setShare(mps, 0, 0, 'resnet50', 0.7), BERT, { server: 0, device: 0 }, SHIPPED);
    expect(both.servers[0]!.devices[0]!.sharing).toEqual({
      mode: 'mps',
      shares: { resnet50: 0.7, bert: 0.3 },
    });
    expect(placed(both)['a']).toBe('resnet50 on 0 0, bert on 0');
    const full = moveInstances(setShare(mps, 0, 0, 'resnet50', 1), BERT, { server: 0, device: 0 }, SHIPPED);
    expect(full.servers[0]!.devices[0]!.sharing).toEqual({
      mode: 'mps',
      shares: { resnet50: 0.5, bert: 0.5 },
    });
  });
});

describe('a server', () => {
  it('is added like another one, with its models or empty, and removed where each model is served elsewhere', () => {
    const more = addServer(SPEC, 0, false);
    expect(placed(more)['a-copy1']).toBe('resnet50 on 0 0, bert on 1');
    expect(more.tenants[0]!.servers).toEqual(['a', 'a-copy1']);
    expect(removeServer(more, 2)).toEqual(SPEC);
    expect(placed(addServer(SPEC, 0, true))['a-copy1']).toBe('');
    expect(() => removeServer(SPEC, 0)).toThrow('resnet50 is served by a only');
  });

  it('has another name wherever the scenario names it', () => {
    const changes = [
      { atS: 1, do: 'removeServer' as const, server: 'a-2', requestsOnTheWay: 'serve' as const },
      { atS: 2, do: 'addServer' as const, server: 'a-copy1' },
    ];
    const renamed = renameServer({ ...addServer(SPEC, 0, false), changes }, 0, 'web');
    expect(renamed.servers.map(({ name }) => name)).toEqual(['web', 'b', 'a-copy1']);
    expect(renamed.tenants[0]!.servers).toEqual(['web', 'a-copy1']);
    expect(renamed.changes!.map(({ server }) => server)).toEqual(['web-2', 'a-copy1']);
    expect(renameServer(SPEC, 0, 'a')).toBe(SPEC);
    expect(() => renameServer(SPEC, 0, 'b')).toThrow('there is a server b already');
    expect(() => renameServer(SPEC, 0, ' ')).toThrow('a server needs a name');
  });
});

describe('batches', () => {
  it('are made as they are set, on every server that serves the model', () => {
    const set = setBatching(addServer(SPEC, 0, false), 'bert', {
      maxBatchSize: 16,
      preferredSizes: [4, 99],
      delayUs: 500,
      queueSize: 32,
    });
    for (const server of [0, 2])
      expect(set.servers[server]!.models[1]!.config).toMatchObject({
        max_batch_size: 16,
        dynamic_batching: {
          preferred_batch_size: [4],
          max_queue_delay_microseconds: 500,
          default_queue_policy: { max_queue_size: 32 },
        },
      });
  });

  it('that preferred the largest size prefer it still when it changes', () => {
    const eight = setBatching(SPEC, 'bert', { preferredSizes: [8] });
    expect(setBatching(setBatching(eight, 'bert', { maxBatchSize: 4 }), 'bert', { maxBatchSize: 8 })).toEqual(
      eight,
    );
  });
});

describe('the board', () => {
  it('shows what is in a place, and how much memory that takes, also where it does not fit', () => {
    const full = Array.from({ length: 20 }).reduce<ScenarioSpec>(
      (spec) => addInstance(spec, BERT, SHIPPED),
      SPEC,
    );
    expect(() => check(full)).toThrow('need 17000 MiB');
    const [a, b] = boardOf(full, SHIPPED);
    expect(a!.gpus[1]!.slots[0]).toMatchObject({
      memoryMb: 15_109,
      chips: [{ model: 'bert', count: 21, tenants: [1], memoryMb: 200 + 21 * 800 }],
    });
    expect(b!.gpus[0]!.slots[0]!.chips).toEqual([]);
    expect(
      boardOf(changeKind(full, 0, 1, 'A30', SHIPPED), SHIPPED)[0]!.gpus[1]!.slots[0]!.chips,
    ).toMatchObject([{ model: 'bert', memoryMb: undefined, hasProfile: false }]);
  });
});

describe('a model that only others call', () => {
  it('has the colours of those who ask them', () => {
    const [own] = SPEC.servers;
    const calls = [{ call: 'bert' }];
    const models = [{ ...own!.models[0]!, calls }, own!.models[1]!];
    const board = boardOf({ ...SPEC, servers: [{ ...own!, models }] }, SHIPPED);
    expect(board[0]!.gpus[1]!.slots[0]!.chips[0]!.tenants).toEqual([0, 1]);
  });
});

describe('any sequence of edits', () => {
  const index = fc.nat(3);
  const anyEdit = fc.tuple(fc.nat(12), index, index, index, index, fc.constantFrom('resnet50', 'bert'));
  const kinds = ['Tesla T4', 'A100-80GB', 'A30'];

  function edit(
    spec: ScenarioSpec,
    [what, a, b, c, d, model]: typeof anyEdit extends fc.Arbitrary<infer T> ? T : never,
  ) {
    const server = a % spec.servers.length;
    const { devices } = spec.servers[server]!;
    const gpu = b % Math.max(1, devices.length);
    const chip = { model, server, device: b % Math.max(1, slotsOf(spec.servers[server]!).length) };
    const other = c % spec.servers.length;
    const to = { server: other, device: d % Math.max(1, slotsOf(spec.servers[other]!).length) };
    const hasGpu = devices.length > 0;
    const serves = spec.servers[server]!.models.some(({ name }) => name === model);
    if (what < 4)
      return spec.servers[other]!.devices.length > 0 ? moveInstances(spec, chip, to, SHIPPED) : spec;
    if (what === 4) return serves && hasGpu ? addInstance(spec, chip, SHIPPED) : spec;
    if (what === 5) return removeInstance(spec, chip, SHIPPED);
    if (what === 6) return addDevice(spec, server, SHIPPED);
    if (what === 7 && hasGpu) return removeDevice(spec, server, gpu, SHIPPED);
    if (what === 8 && hasGpu) return changeKind(spec, server, gpu, kinds[c % 3]!, SHIPPED);
    if (what === 9 && hasGpu)
      return setMig(spec, server, gpu, [...migChoices(devices[gpu]!.kind), undefined][d], SHIPPED);
    if (what === 10 && hasGpu) return setSharing(spec, server, gpu, SHARING_MODES[c]!, SHIPPED);
    if (what === 12) return renameServer(spec, server, ['a', 'b', 'web', 'a-1'][d]!);
    if (what === 11)
      return d > 1 ? removeServer(spec, server) : addServer(setPrice(spec, server, c), server, d > 0);
    return setBatching(spec, model, { maxBatchSize: c * 4, isDynamic: d > 1, delayUs: d });
  }

  it('gives a scenario that the schema takes and that is simulated, or in which something clear is wrong', () => {
    fc.assert(
      fc.property(fc.array(anyEdit, { maxLength: 12 }), (edits) => {
        let spec = SPEC;
        for (const each of edits) {
          try {
            spec = edit(spec, each);
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
          }
        }
        const said: string[] = [];
        try {
          check(spec);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          said.push(...error.problems.map(({ what }) => what));
        }
        const clear = /no profile of|memory|need \d+ MiB|dynamic batching|max_batch_size/;
        expect(said.filter((what) => !clear.test(what))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
