import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { withLock } from '../../../scripts/triton/lock.js';

/** Takes each of many locks at once, with other threads, and counts who is under the same one. */
export interface LockWork {
  readonly folder: string;
  readonly locks: number;
  /** A number each: under the lock now, most at once. Then one for how many threads are ready. */
  readonly memory: SharedArrayBuffer;
  readonly threads: number;
}

const { folder, locks, memory, threads } = workerData as LockWork;
parentPort!.postMessage('here');
const counts = new Int32Array(memory);
const ready = 2 * locks;
Atomics.add(counts, ready, 1);
Atomics.notify(counts, ready);
for (let here = Atomics.load(counts, ready); here < threads; here = Atomics.load(counts, ready))
  if (Atomics.wait(counts, ready, here, 30_000) === 'timed-out') throw new Error('the others did not come');
await Promise.all(
  Array.from({ length: locks }, (_, i) =>
    withLock(
      join(folder, `${i}.lock`),
      () => {},
      async () => {
        const under = Atomics.add(counts, 2 * i, 1) + 1;
        if (under > Atomics.load(counts, 2 * i + 1)) Atomics.store(counts, 2 * i + 1, under);
        await sleep(20);
        Atomics.sub(counts, 2 * i, 1);
      },
    ),
  ),
);
