import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SliceReader } from '../../src/calibrate/slice-reader.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const progress = { elapsedUs: 200_000, durationUs: 3e6, sent: 0, answered: 0, failed: 0 };

it('a reader of slices reads at the borders of the run, however late it learns that it has begun', async () => {
  const readAtMs: number[] = [];
  const began = performance.now() - 200;
  const reader = new SliceReader(async () => {
    readAtMs.push(performance.now() - began);
    return [];
  }, 1000);
  reader.onProgress(progress);
  await vi.advanceTimersByTimeAsync(2000);
  reader.stop();
  expect(readAtMs).toEqual([1000, 2000]);
  expect(reader.finish([], [], 3).map(({ index }) => index)).toEqual([0, 1, 2]);
});

it('a border that cannot be read costs the slices on both sides of it, and nothing else', async () => {
  let reads = 0;
  const reader = new SliceReader(async () => {
    if (++reads === 2) throw new Error('busy');
    return [];
  }, 1000);
  reader.onProgress({ ...progress, elapsedUs: 0 });
  await vi.advanceTimersByTimeAsync(3500);
  reader.stop();
  expect(reader.finish([], [], 4).map(({ index }) => index)).toEqual([0, 3]);
});

it('a reader that is stopped leaves no timer behind, and does not begin again', () => {
  const reader = new SliceReader(async () => [], 1000);
  reader.onProgress(progress);
  reader.stop();
  expect(vi.getTimerCount()).toBe(0);
  reader.onProgress(progress);
  expect(vi.getTimerCount()).toBe(0);
});
