import type { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { runLoad } from '../../../src/live/load/run-load.js';
import { arrivals } from '../../support/scenario.js';
import { loadOptions, loadTenant } from './fake-client.js';
import { localClient } from './local-client.js';

const { ends } = vi.hoisted(() => ({ ends: [] as (() => Promise<unknown>)[] }));

/** The second sending thread does not start. */
vi.mock('../../../src/live/load/start-worker.js', async (importOriginal) => {
  const { startWorker } = await importOriginal<typeof import('../../../src/live/load/start-worker.js')>();
  return {
    startWorker: async (name: string, ...rest: [string, unknown]): Promise<Worker> => {
      if (name !== 'load-worker') return startWorker(name, ...rest);
      if (ends.length > 0) throw new Error('no memory for a thread');
      const starting = startWorker(name, ...rest);
      ends.push(() => starting.then((worker) => hasEnded(worker)));
      return starting;
    },
  };
});

/** An ended thread has no number any more. */
function hasEnded(worker: Worker): Promise<unknown> {
  return worker.threadId < 0 ? Promise.resolve() : new Promise((resolve) => worker.once('exit', resolve));
}

test('where one sending thread does not start, the others end, so that the process can', async () => {
  const client = localClient({});
  const recipe = {
    module: new URL('./local-client.ts', import.meta.url).href,
    factory: 'localClient',
    options: {},
  };
  const options = loadOptions(client, [loadTenant('t', arrivals([0, 1000]))], {
    threads: 2,
    servers: [{ name: 's', client, connect: recipe }],
  });
  await expect(runLoad(options)).rejects.toThrow('no memory for a thread');
  await ends[0]!();
});
