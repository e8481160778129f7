import { parentPort, workerData } from 'node:worker_threads';
import { type InferenceClient, LiveError } from '../inference-client.js';
import { drive } from './drive.js';
import type { ClientRecipe } from './load-options.js';
import type { ThreadCommand, ThreadReport, ThreadTask } from './load-threads.js';
import { openPacer } from './pacer.js';
import { runClock } from './run-clock.js';

/** Runs in a worker thread: connects, waits for the word, sends its part of the load, and tells what it measured. */
async function sendPart(task: ThreadTask): Promise<void> {
  const clients = await Promise.all(task.recipes.map(connect));
  try {
    await Promise.all(clients.map((client) => client.ping()));
    const pacer = await openPacer(task.pacer);
    const orders = listen();
    say({ is: 'connected' });
    const clock = runClock(await orders.originNs);
    const part = await drive({
      ...task,
      clients,
      pacer: pacer(clock),
      signal: orders.signal,
      onProgress: (progress) => say({ is: 'progress', progress }),
    });
    say({ is: 'done', part });
  } finally {
    for (const client of clients) client.close();
  }
}

async function connect({ module, factory, options }: ClientRecipe): Promise<InferenceClient> {
  const exported: Record<string, unknown> = await import(module);
  const make = exported[factory];
  if (typeof make !== 'function') throw new Error(`${module} exports no function ${factory}`);
  return make(options);
}

/** What the other side will say: when to start, and perhaps to stop. */
function listen(): { readonly originNs: Promise<bigint>; readonly signal: AbortSignal } {
  const stop = new AbortController();
  const originNs = new Promise<bigint>((resolve) => {
    parentPort!.on('message', (command: ThreadCommand) => {
      if (command.do === 'start') resolve(command.originNs);
      else stop.abort();
    });
  });
  return { originNs, signal: stop.signal };
}

function say(report: ThreadReport): void {
  parentPort!.postMessage(report);
}

say({ is: 'started' });
sendPart(workerData as ThreadTask).catch((error: unknown) => {
  if (!(error instanceof LiveError)) throw error;
  const { kind, message, remedy } = error;
  say({ is: 'failed', kind, message, remedy });
});
