import { beforeAll, describe, expect, it } from 'vitest';
import { digest } from '../../../src/node/sweep/content-library.js';
import { engine } from '../../../src/node/sweep/engine.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { readPointData } from '../../../src/node/sweep/redis/messages.js';
import { decodeValue, encodeValue } from '../../../src/sweep/content.js';
import { type DetachedScenario, pointKey } from '../../../src/sweep/detached.js';
import { smallSweep } from './small-sweep.js';

const small = smallSweep();
let scenario: DetachedScenario;

beforeAll(async () => {
  const [point] = (await prepareSweep(small.sweep)).points;
  scenario = point!.scenario;
});

/** Reads a job whose address is right, whatever its scenario is. */
function read(encoded: string): DetachedScenario {
  return readPointData(pointKey(encoded, engine(), digest), { scenario: encoded });
}

/** The scenario with one value in place of another, by a path such as `servers.0.name`. */
function changed(path: string, value: unknown): string {
  const copy = decodeValue(encodeValue(scenario)) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  let at = copy;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  at[last] = value;
  return encodeValue(copy);
}

describe('a job from Redis', () => {
  it('is the scenario that a sweep handed over', () => {
    expect(read(encodeValue(scenario))).toEqual(scenario);
  });

  it.each([
    ['servers.0.cpuCores', '8', 'servers[0].cpuCores'],
    ['servers.0.evil', 1, 'servers[0].evil'],
    ['servers.0.devices.0.sharing', { mode: 'none' }, 'servers[0].devices[0].sharing'],
    ['servers.0.models.0.instances.0.profile', 'x:y', 'is no address of content'],
    ['servers.0.models.0.instances.0.device', 9, 'instances[0].device names a place that there is not'],
    ['servers.0.models.0.config.maxBatchSize', -1, 'config.maxBatchSize'],
    ['tenants.0.targets.0.model', 7, 'tenants[0].targets[0] names a place that there is not'],
    ['tenants.0.load.arrivals.load', {}, 'there is no load'],
    ['tenants', [], 'tenants'],
    ['durationUs', Number.POSITIVE_INFINITY, 'durationUs'],
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

  it('is refused where it is written in another way than sweeps write it', () => {
    expect(() => read(`${encodeValue(scenario)} `)).toThrow('not written as sweeps write it');
  });

  it('is refused under the address of another point, and where there is more in it', () => {
    const encoded = encodeValue(scenario);
    const key = pointKey(encoded, engine(), digest);
    const other = changed('seed', 99);
    expect(() => readPointData(key, { scenario: other })).toThrow('not the one of this address');
    expect(() => readPointData(key, { scenario: encoded, evil: 1 })).toThrow('the job: evil');
    expect(() => readPointData(key, undefined)).toThrow('the job');
  });
});
