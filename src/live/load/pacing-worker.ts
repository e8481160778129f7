import { parentPort, workerData } from 'node:worker_threads';
import { COMMANDS, type PacingMemory, WAKE_UPS } from './worker-pacer.js';

/** Runs in a worker thread: sleeps until the time it was last told, then wakes the pacer's thread once. */
function sleepAndWake({ control, dueUs }: PacingMemory): void {
  for (;;) {
    const command = Atomics.load(control, COMMANDS);
    const atUs = dueUs[0]!;
    if (atUs === -Infinity) return;
    const untilMs = atUs / 1000 - Number(process.hrtime.bigint()) / 1e6;
    if (Atomics.wait(control, COMMANDS, command, Math.max(0, untilMs)) !== 'timed-out') continue;
    Atomics.add(control, WAKE_UPS, 1);
    Atomics.notify(control, WAKE_UPS);
    Atomics.wait(control, COMMANDS, command);
  }
}

parentPort!.postMessage('ready');
sleepAndWake(workerData as PacingMemory);
