import { parentPort, workerData } from 'node:worker_threads';
import { loadFamilies } from './families.js';
import { runStretch, type Stretch } from './run.js';
import { IDLE } from './watched-worker.js';

/*
 * A worker thread: runs the stretches it is sent. The number of the input in hand stands in shared
 * memory, where the main thread can read it even while this one is caught in an endless loop.
 */
const progress = new Int32Array(workerData as SharedArrayBuffer);

parentPort!.on('message', async (stretch: Stretch) => {
  const family = (await loadFamilies()).find(({ name }) => name === stretch.family)!;
  const tally = await runStretch(family, stretch, (index) => Atomics.store(progress, 0, index));
  Atomics.store(progress, 0, IDLE);
  parentPort!.postMessage(tally);
});
