import { describe, expect, it, vi } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { MemoryError } from '../../../src/node/memory/memory-error.js';
import { runApart } from '../../../src/node/memory/run-apart.js';
import { workerPool } from '../../../src/node/runs/worker-pool.js';
import { fails, twice } from './support/functions.js';

/** Of a computation that is large, though not for any machine. */
const LARGE = { bytes: 3e8, certainBytes: 0 };
const SMALL = { bytes: 1e6, certainBytes: 1e6 };

const workerOf = (name: string) => new URL(`./support/${name}-worker.js`, import.meta.url);

describe('a computation', () => {
  it('runs in a thread of its own where it is large, and gives and tells the same', async () => {
    const progress = vi.fn();
    const values = Float64Array.of(1, 2);
    const small = await runApart(SMALL, twice, workerOf('twice'), values, { progress });
    const large = await runApart(LARGE, twice, workerOf('twice'), values, { progress });
    expect([small.isMainThread, large.isMainThread]).toEqual([true, false]);
    expect(large.doubled).toEqual(small.doubled);
    expect(progress.mock.calls).toEqual([['half'], ['half']]);
  });

  it('tells from there what is wrong with its input', async () => {
    const wrong = new InputError([{ what: 'this is wrong', remedy: 'write that' }]);
    await expect(runApart(LARGE, fails, workerOf('fails'), 'input', {})).rejects.toThrow(wrong);
  });

  it('ends with an error for people where a column finds no room', async () => {
    await expect(runApart(LARGE, fails, workerOf('fails'), 'memory', {})).rejects.toThrow(MemoryError);
  });
});

describe('a worker thread', () => {
  it('whose heap is full ends with an error, and the process goes on', async () => {
    const pool = workerPool(workerOf('greedy'), undefined, 1, { heapMb: 64 });
    await expect(pool.run('objects')).rejects.toThrow('there is not enough memory to go on');
    await pool.destroy();
  });

  it('is stopped where its columns have taken what was free', async () => {
    const pool = workerPool(workerOf('greedy'), undefined, 1, { freeBytes: 1e8 });
    await expect(pool.run('columns')).rejects.toThrow(/^stopped at .* GB of memory/);
    await pool.destroy();
  });
});
