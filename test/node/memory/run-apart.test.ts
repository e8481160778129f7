import { describe, expect, it, vi } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { MemoryError } from '../../../src/node/memory/memory-error.js';
import { runApart } from '../../../src/node/memory/run-apart.js';
import { SIMULATE_READ } from '../../../src/node/run-scenario.js';
import { loadScenario } from '../../../src/node/scenario-files.js';
import { workerPool } from '../../../src/node/worker-pool.js';
import { REFUSED, TOO_MUCH, TWICE } from './support/functions.js';

/** Of a computation that is large, though not for any machine. */
const LARGE = { bytes: 3e8, certainBytes: 0 };
const SMALL = { bytes: 1e6, certainBytes: 1e6 };

describe('a computation', () => {
  it('runs in a thread of its own where it is large, and gives and tells the same', async () => {
    const progress = vi.fn();
    const values = Float64Array.of(1, 2);
    const small = await runApart(SMALL, TWICE, values, { progress });
    const large = await runApart(LARGE, TWICE, values, { progress });
    expect([small.isMainThread, large.isMainThread]).toEqual([true, false]);
    expect(large.doubled).toEqual(small.doubled);
    expect(progress.mock.calls).toEqual([['half'], ['half']]);
  });

  it('tells from there what is wrong with its input', async () => {
    const wrong = new InputError([{ what: 'this is wrong', remedy: 'write that' }]);
    await expect(runApart(LARGE, REFUSED, {}, {})).rejects.toThrow(wrong);
  });

  it('ends with an error for people where a column finds no room', async () => {
    await expect(runApart(LARGE, TOO_MUCH, {}, {})).rejects.toThrow(MemoryError);
  });
});

describe('a worker thread', () => {
  const greedy = new URL('./support/greedy-worker.js', import.meta.url);

  it('whose heap is full ends with an error, and the process goes on', async () => {
    const pool = workerPool(greedy, undefined, 1, { heapMb: 64 });
    await expect(pool.run('objects')).rejects.toThrow('there is not enough memory to go on');
    await pool.destroy();
  });

  it('is stopped where its columns have taken what was free', async () => {
    const pool = workerPool(greedy, undefined, 1, { freeBytes: 1e8 });
    await expect(pool.run('columns')).rejects.toThrow(/^stopped at .* GB of memory/);
    await pool.destroy();
  });
});

describe('a run', () => {
  it('gives the same bytes in a thread of its own, on any number of threads', async () => {
    const path = 'scenarios/two-servers.yaml';
    const { scenario, warnings, spec } = await loadScenario(path, { durationS: 15 });
    const options = { runs: 2, overrides: { durationS: 15 } };
    const argument = { path, read: { scenario, warnings, spec }, options };
    const here = await runApart(SMALL, SIMULATE_READ, argument, {});
    for (const threads of [1, 3]) {
      const onThreads = { ...argument, options: { ...options, threads } };
      expect(await runApart(LARGE, SIMULATE_READ, onThreads, {})).toEqual(here);
    }
  });
});
