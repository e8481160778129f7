import { syncPath } from './create-file.js';

/** How much work a power loss may take. */
const SYNC_EVERY_MS = 5000;

/**
 * Files that the disk shall hold soon, while work goes on. To wait for each takes about as long as to simulate a small point. Their
 * folders are synced at the end only: others are written there meanwhile, so that each sync would hold those up, and the usual file
 * systems keep the name of a file that is synced under it.
 */
export class LaterSyncs {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();
  #begunMs = performance.now();
  #running: Promise<void> | undefined;
  #failure: unknown;

  /** Adds a file that was written, and the folders in which names are new; begins to sync where the last time is long ago. */
  add(file: string, folders: Iterable<string>): void {
    this.#files.add(file);
    for (const folder of folders) this.#folders.add(folder);
    if (this.#running === undefined && performance.now() - this.#begunMs >= SYNC_EVERY_MS)
      this.#begin(this.#files);
  }

  /**
   * Waits until the disk holds all that was added.
   * @throws the first error of a sync, also of an earlier one
   */
  async settle(): Promise<void> {
    await this.#running;
    await this.#begin(this.#files);
    await this.#begin(this.#folders);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(pending: Set<string>): Promise<void> {
    const paths = [...pending];
    pending.clear();
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
