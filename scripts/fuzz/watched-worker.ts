import { Worker } from 'node:worker_threads';
import { addTallies, type Failure, NOTHING, type Stretch, type Tally } from './run.js';

/** Stands for no input in the memory that is shared with a worker. */
export const IDLE = -1;

/** An input that takes so long is taken for one that never ends. */
const HANG_MS = 30_000;
const LOOK_EVERY_MS = 500;
/** Heap of a worker: far more than any input needs. */
const HEAP_MB = 1500;

/** A worker thread that survives inputs which hang it or use its memory up: it is then started anew. */
export class WatchedWorker {
  #worker: Worker | undefined;
  readonly #progress = new Int32Array(new SharedArrayBuffer(4));

  /** Runs a stretch; an input that stops the worker is a failure, and the rest goes on after it. */
  async run(stretch: Stretch): Promise<Tally> {
    let tally = NOTHING;
    for (let from = stretch.from; from < stretch.to; ) {
      const part = await this.#attempt({ ...stretch, from });
      if (!('index' in part)) return addTallies(tally, part);
      // What came before the fatal input is run again, since its tally is lost with the worker.
      if (part.index > from) tally = addTallies(tally, await this.run({ ...stretch, from, to: part.index }));
      tally = addTallies(tally, { ...NOTHING, inputs: 1, failures: [part] });
      from = part.index + 1;
    }
    return tally;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The tally, or the input at which the worker stopped. */
  async #attempt(stretch: Stretch): Promise<Tally | Failure> {
    Atomics.store(this.#progress, 0, IDLE);
    this.#worker ??= startWorker(this.#progress.buffer as SharedArrayBuffer);
    const worker = this.#worker;
    worker.removeAllListeners();
    const outcome = await new Promise<Tally | string>((resolve) => {
      const watch = this.#watch(() => resolve(`does not end within ${HANG_MS / 1000} s`));
      const settle = (result: Tally | string) => {
        clearInterval(watch);
        resolve(result);
      };
      worker.once('message', settle);
      worker.once('error', (error: Error) => settle(`stops the process: ${error.message}`));
      worker.postMessage(stretch);
    });
    if (typeof outcome !== 'string') return outcome;
    const index = Atomics.load(this.#progress, 0);
    await this.close();
    if (index === IDLE) throw new Error(`the worker for ${stretch.family} ${outcome}`);
    return { index, reason: outcome };
  }

  /** Calls back when the worker has the same input in hand for too long. */
  #watch(onHang: () => void): NodeJS.Timeout {
    let index = IDLE;
    let sinceMs = performance.now();
    const watch = setInterval(() => {
      const now = Atomics.load(this.#progress, 0);
      if (now !== index || now === IDLE) {
        index = now;
        sinceMs = performance.now();
      } else if (performance.now() - sinceMs > HANG_MS) {
        clearInterval(watch);
        onHang();
      }
    }, LOOK_EVERY_MS);
    return watch;
  }
}

/** Node itself reads no TypeScript in a worker thread: a line of JavaScript makes tsx do it. */
const ENTRY = `import('${import.meta.resolve('tsx/esm/api')}')
  .then(({ tsImport }) => tsImport('./worker.ts', '${import.meta.url}'));`;

function startWorker(shared: SharedArrayBuffer): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB };
  return new Worker(ENTRY, { eval: true, workerData: shared, resourceLimits });
}
