import { freeMemoryBytes } from './free-memory.js';
import { MemoryError } from './memory-error.js';

/** A column that grows fills about a gigabyte meanwhile. */
const LOOK_EVERY_MS = 200;

/** What stays free: other processes need some, and columns grow between two looks. */
const KEPT_FREE = 0.1;

/**
 * Watches, while worker threads compute, that the process takes no more than was free before: columns are no part of a
 * thread's heap, so that limits of threads do not bound them, and the system would end the process without a word.
 */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;
  #error: MemoryError | undefined;

  /** @param onFull called once, when it has taken all that it may */
  constructor(onFull: () => void, freeBytes = freeMemoryBytes()) {
    const mostBytes = process.memoryUsage.rss() + (1 - KEPT_FREE) * freeBytes;
    this.#timer = setInterval(() => {
      if (process.memoryUsage.rss() < mostBytes) return;
      this.stop();
      const gigabytes = (mostBytes / 1e9).toPrecision(2);
      this.#error = new MemoryError(`stopped at ${gigabytes} GB of memory, of which nearly all is used`);
      onFull();
    }, LOOK_EVERY_MS).unref();
  }

  /** Why it has stopped the threads, where it has. */
  get error(): MemoryError | undefined {
    return this.#error;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
