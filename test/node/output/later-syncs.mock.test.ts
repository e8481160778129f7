import { afterEach, expect, it, vi } from 'vitest';
import { syncPath } from '../../../src/node/output/create-file.js';
import { LaterSyncs } from '../../../src/node/output/later-syncs.js';

vi.mock('../../../src/node/output/create-file.js', () => ({ syncPath: vi.fn(async () => {}) }));
const synced = () => vi.mocked(syncPath).mock.calls.map(([path]) => path);

afterEach(() => {
  vi.useRealTimers();
  vi.mocked(syncPath).mockReset().mockResolvedValue();
});

it('files are synced together after some seconds, each once, and their folders at the end', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const syncs = new LaterSyncs();
  for (const file of ['a/1', 'a/2', 'a/1']) syncs.add(file, ['a']);
  expect(synced()).toEqual([]);
  vi.advanceTimersByTime(5000);
  syncs.add('b/3', ['b']);
  await vi.waitFor(() => expect(synced()).toEqual(['a/1', 'a/2', 'b/3']));
  syncs.add('a/4', ['a']);
  await syncs.settle();
  expect(synced()).toEqual(['a/1', 'a/2', 'b/3', 'a/4', 'a', 'b']);
});

it('an error of a sync is thrown at the end, and keeps no other file from being synced then', async () => {
  vi.mocked(syncPath).mockRejectedValueOnce(new Error('the disk is broken'));
  const syncs = new LaterSyncs();
  syncs.add('a/1', ['a']);
  await expect(syncs.settle()).rejects.toThrow('the disk is broken');
  expect(synced()).toEqual(['a/1', 'a']);
});
