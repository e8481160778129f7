import { parentPort, workerData } from 'node:worker_threads';
import { noteGap, type StallMemory, TICK_MS } from './stall-meter.js';

/** Runs in a worker thread until it is ended from outside. */
function tick(memory: StallMemory): never {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  let lastMs = performance.now();
  for (;;) {
    Atomics.wait(nothing, 0, 0, TICK_MS);
    const nowMs = performance.now();
    noteGap(memory, nowMs - lastMs);
    lastMs = nowMs;
  }
}

parentPort!.postMessage('ready');
tick(workerData as StallMemory);
