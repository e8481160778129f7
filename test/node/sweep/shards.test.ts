import { beforeAll, describe, expect, it } from 'vitest';
import { InputError, LateInputError } from '../../../src/base/problem.js';
import { mergeSweep } from '../../../src/node/sweep/merge-sweep.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { parseShard } from '../../../src/node/sweep/shard.js';
import { bytesBelow, runInline, smallSweep } from './small-sweep.js';

const small = smallSweep();

beforeAll(async () => {
  await runInline(small.sweep, small.path('whole'));
});

describe('shards', () => {
  it('merge to the bytes of the whole', async () => {
    for (const index of [1, 2, 3, 4, 5]) {
      const shard = await runInline(small.sweep, small.path(`part${index}`), { shard: { index, of: 5 } });
      expect(shard.table).toBeUndefined();
    }
    const folders = [1, 2, 3, 4, 5].map((index) => small.path(`part${index}`));
    await mergeSweep(await prepareSweep(small.sweep), folders, small.path('merged'));
    expect(bytesBelow(small.path('merged'))).toEqual(bytesBelow(small.path('whole')));
  });

  it('of one folder leave the whole behind, written by the one that ends last', async () => {
    const out = small.path('shared');
    const [first, second] = [
      await runInline(small.sweep, out, { shard: { index: 1, of: 2 } }),
      await runInline(small.sweep, out, { shard: { index: 2, of: 2 } }),
    ];
    expect([first.done, second.done]).toEqual([6, 6]);
    expect([first.table === undefined, second.table === undefined]).toEqual([true, false]);
    expect(bytesBelow(out)).toEqual(bytesBelow(small.path('whole')));
  });

  it('may write into one folder at the same moment', async () => {
    const out = small.path('together');
    await Promise.all([1, 2, 3].map((index) => runInline(small.sweep, out, { shard: { index, of: 3 } })));
    expect(bytesBelow(out)).toEqual(bytesBelow(small.path('whole')));
  });

  it('that are missing are told by their points, and what was found is kept', async () => {
    const sweep = await prepareSweep(small.sweep);
    await runInline(small.sweep, small.path('half'), { shard: { index: 1, of: 2 } });
    const out = small.path('unfinished');
    const merged = mergeSweep(sweep, [small.path('half'), small.path('hlaf')], out);
    await expect(merged).rejects.toThrow('6 of 12 points are in none of the folders, the first is point 2');
    await expect(merged).rejects.toThrow(LateInputError);
    const [, misspelt] = (await merged.catch((error) => error)).problems;
    expect(misspelt).toMatchObject({ file: small.path('hlaf'), what: 'there are no results of a sweep' });
    expect(await runInline(small.sweep, out)).toMatchObject({ found: 6, done: 12 });
  });
});

it('a shard is written as index and number', () => {
  expect(parseShard('3/16')).toEqual({ index: 3, of: 16 });
  for (const text of ['0/4', '5/4', '1', '1/0', '-1/4', '1.5/4', 'a/b', '1/1000000']) {
    expect(() => parseShard(text), text).toThrow(InputError);
  }
});
