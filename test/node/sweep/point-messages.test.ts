import { mkdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { readPointData } from '../../../src/node/sweep/redis/messages.js';
import { pointReader } from '../../../src/node/sweep/redis/point-reader.js';
import { publishContent } from '../../../src/node/sweep/redis/shared-content.js';
import { decodeValue, encodeValue } from '../../../src/sweep/content.js';
import { SMALL_SWEEP, smallSweep } from './small-sweep.js';

const small = smallSweep();
let portable: string;

beforeAll(async () => {
  const [point] = (await prepareSweep(small.sweep)).points;
  portable = point!.portable();
});

const read = (scenario: string) => readPointData({ scenario });

/** The scenario with one value in place of another, by a path such as `servers.0.name`. */
function changed(path: string, value: unknown): string {
  const copy = decodeValue(portable) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  let at = copy;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  at[last] = value;
  return encodeValue(copy);
}

describe('a job from Redis', () => {
  it('is the scenario that a sweep handed over, and names no file of its machine', () => {
    const { spec } = read(portable);
    expect(spec.tenants.map(({ name }) => name)).toContain('cats-people');
    for (const hash of spec.profiles) expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(portable).not.toContain(small.path(''));
  });

  it.each([
    ['servers.0.cpuCores', '8', 'servers[0].cpuCores'],
    ['servers.0.evil', 1, 'servers[0].evil'],
    ['servers.0.devices.0.sharing', { mode: 'none' }, 'servers[0].devices[0].sharing'],
    ['servers.0.models.0.config.max_batch_size', '8', 'config.max_batch_size'],
    ['tenants', [], 'tenants'],
    ['durationS', -1, 'durationS'],
    ['seed', null, 'seed'],
  ])('is refused where %s is %j, with what is wrong', (path, value, what) => {
    expect(() => read(changed(path, value))).toThrow(what);
  });

  it.each([
    ['no JSON', '{', 'the scenario is no JSON'],
    ['a map of nothing', '{"$type":"map","entries":5}', 'the scenario is no JSON'],
    ['nothing', 'null', 'the scenario'],
  ])('is refused where its scenario is %s', (_, encoded, what) => {
    expect(() => read(encoded)).toThrow(what);
  });

  it('is refused where there is more in it than a scenario, or nothing', () => {
    expect(() => readPointData({ scenario: portable, evil: 1 })).toThrow('the job: evil');
    expect(() => readPointData(undefined)).toThrow('the job');
  });
});

const SERVER = {
  format: 'perseus-server/1',
  ...{ batcherWakeUs: 7, instanceWakeUs: 8, instancePickUpUs: 9, timerSlackUs: 50, batcherWinsShare: 0.5 },
};

/** A Redis that keeps what it is given. */
function keeping() {
  const values = new Map<string, string>();
  return {
    set: async (key: string, value: string) => void values.set(key, value),
    get: async (key: string) => values.get(key) ?? null,
  };
}

describe('a point that a worker has read', () => {
  it.each(['batching', 'colocation', 'gpu-choice'])(
    'is the one that the sweep %s has prepared, profiles, traces and prices included',
    async (name) => {
      const { points, library } = await prepareSweep(`examples/sweeps/${name}.yaml`);
      const client = keeping();
      await publishContent(client as never, library);
      const readPoint = pointReader();
      for (const { key, scenario, portable } of points.slice(0, 20)) {
        const { job } = await readPoint({ id: key, data: { scenario: portable() } }, client as never);
        expect(job).toEqual({ key, scenario });
      }
    },
  );

  it('is refused under the address of another', async () => {
    const { points, library } = await prepareSweep(small.sweep);
    const client = keeping();
    await publishContent(client as never, library);
    const job = { id: points[0]!.key, data: { scenario: points[1]!.portable() } };
    await expect(pointReader()(job, client as never)).rejects.toThrow('not the one of this address');
  });

  it('has the server profile that the base names, also where the sweep lies elsewhere', async () => {
    small.write('own.json', JSON.stringify(SERVER));
    const base = readFileSync(small.file, 'utf8').replace('models:', 'serverProfile: own.json\n    models:');
    small.write('served.yaml', base);
    mkdirSync(small.path('below'));
    const text = SMALL_SWEEP.replace('small.yaml', '../served.yaml');
    const { points, library } = await prepareSweep(small.write('below/sweep.yaml', text));
    const client = keeping();
    await publishContent(client as never, library);
    const [{ key, scenario, portable }] = points as readonly [(typeof points)[number]];
    expect(scenario.servers[0]!.options.batcherWakeUs).toBe(7);
    const { job } = await pointReader()({ id: key, data: { scenario: portable() } }, client as never);
    expect(job).toEqual({ key, scenario });
  });
});
