import { syncPath } from './create-file.js';

/**
 * How much work a power loss may take. Results of small points land in 256 folders: in so much time several come to each, whose
 * names are synced together.
 */
const SYNC_EVERY_MS = 5000;

/**
 * Files and folders that the disk shall hold soon, while work goes on. To wait for each takes about as long as to simulate a small
 * point.
 */
export class LaterSyncs {
  readonly #paths = new Set<string>();
  #begunMs = performance.now();
  #running: Promise<void> | undefined;
  #failure: unknown;

  /** Adds what was written, and begins to sync where the last time is long ago. */
  add(paths: Iterable<string>): void {
    for (const path of paths) this.#paths.add(path);
    if (this.#running === undefined && performance.now() - this.#begunMs >= SYNC_EVERY_MS) this.#begin();
  }

  /**
   * Waits until the disk holds all that was added.
   * @throws the first error of a sync, also of an earlier one
   */
  async settle(): Promise<void> {
    await this.#running;
    if (this.#paths.size > 0) await this.#begin();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(): Promise<void> {
    const paths = [...this.#paths];
    this.#paths.clear();
    this.#begunMs = performance.now();
    this.#running = syncAll(paths)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}

/** One by one: the other threads of Node's file operations stay free for what is written meanwhile. */
async function syncAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await syncPath(path);
}
