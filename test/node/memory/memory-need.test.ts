import { describe, expect, it, vi } from 'vitest';
import { freeMemoryBytes } from '../../../src/node/memory/free-memory.js';
import { asMemoryError, MemoryError } from '../../../src/node/memory/memory-error.js';
import { largestNeed, requireMemory } from '../../../src/node/memory/memory-need.js';
import { compareNeed, countedNeed, runNeed } from '../../../src/node/memory/run-need.js';
import { loadScenario } from '../../../src/node/scenario/scenario-files.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { pointsNeed } from '../../../src/node/sweep/sweep-need.js';

describe('the memory that a computation takes', () => {
  it('is told from half of what is free on, with what takes less', () => {
    const notify = vi.fn();
    requireMemory({ bytes: 4.9e9, certainBytes: 4.9e9 }, notify, 10e9);
    expect(notify).not.toHaveBeenCalled();
    requireMemory({ bytes: 5.1e9, certainBytes: 5.1e9 }, notify, 10e9);
    requireMemory({ bytes: 40e9, certainBytes: 5e9 }, notify, 10e9);
    const less =
      'a shorter duration, a lower rate, fewer replications (--runs) or fewer --threads take less memory';
    expect(notify.mock.calls.flat()).toEqual([
      `this takes about 5.1 GB of memory, and 10 GB are free; ${less}`,
      `this takes up to 40 GB of memory, and 10 GB are free; ${less}`,
    ]);
  });

  it('is an error before it begins where it cannot suffice', () => {
    const need = { bytes: 12e9, certainBytes: 11e9 };
    expect(() => requireMemory(need, undefined, 10e9)).toThrow(
      new MemoryError('this takes about 11 GB of memory, and 10 GB are free'),
    );
  });

  it('grows with requests and replications, and where every request is kept', async () => {
    const [short, long] = await Promise.all(
      [60, 120].map(
        async (durationS) =>
          (await loadScenario('examples/scenarios/one-tenant.yaml', { durationS })).scenario,
      ),
    );
    const bytes = (...of: Parameters<typeof runNeed>) => runNeed(...of).bytes;
    expect(bytes(long!, {}) / bytes(short!, {})).toBeCloseTo(2, 1);
    expect(bytes(short!, { runs: 20 })).toBeGreaterThan(2 * bytes(short!, {}));
    expect(bytes(short!, {})).toBeLessThan(bytes(short!, { log: true }));
    expect(compareNeed([short!, short!], 5).bytes).toBeGreaterThan(bytes(short!, { runs: 5 }));
  });

  it('is that of the largest components, one on each thread, where requests are counted', async () => {
    const durationS = 1e5;
    const { scenario } = await loadScenario('examples/scenarios/one-tenant.yaml', { durationS });
    const [one, two] = [1, 2].map((threads) => countedNeed(scenario, threads));
    expect(one!.bytes).toBeLessThan(runNeed(scenario, {}).bytes);
    expect(two!.bytes).toBeGreaterThanOrEqual(one!.bytes);
    expect(one!.certainBytes).toBe(one!.bytes);
  });

  it('is not certain of closed-loop clients', async () => {
    const { scenario } = await loadScenario('examples/scenarios/closed-loop.yaml');
    const { bytes, certainBytes } = runNeed(scenario, {});
    expect(certainBytes).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(certainBytes);
  });

  it('is that of the largest point of a sweep, once for each thread', async () => {
    const { points, library } = await prepareSweep('examples/sweeps/batching.yaml');
    const [one, four] = [1, 4].map((threads) => pointsNeed(points, library, threads));
    expect(one!.certainBytes).toBeGreaterThan(0);
    expect(four).toEqual({ bytes: 4 * one!.bytes, certainBytes: one!.certainBytes });
    expect(largestNeed([])).toEqual({ bytes: 0, certainBytes: 0 });
  });
});

describe('free memory', () => {
  it('is some, and no more than a machine has', () => {
    expect(freeMemoryBytes()).toBeGreaterThan(1e6);
    expect(freeMemoryBytes()).toBeLessThan(1e15);
  });
});

describe('an error', () => {
  it('that says memory ran out is told as that, any other as it is', () => {
    const ended = Object.assign(new Error('Worker terminated'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
    const failed = new RangeError('Array buffer allocation failed');
    for (const error of [ended, failed]) expect(asMemoryError(error)).toBeInstanceOf(MemoryError);
    const other = new RangeError('Invalid count value: -1');
    expect(asMemoryError(other)).toBe(other);
  });
});
