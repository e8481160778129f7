import type { ModelStatistics } from '../live/inference-client.js';
import type { LoadProgress } from '../live/load/load-options.js';
import { subtractStatistics } from '../live/statistics.js';

type Reading = readonly ModelStatistics[];

/** What the server counted in one slice of a run. */
export interface Slice {
  /** The first slice of the run is 0. */
  readonly index: number;
  readonly statistics: readonly ModelStatistics[];
}

/**
 * Reads statistics at the borders of equal slices of a run, as the load generator's clock has them: it learns
 * when the run began from the first progress that is reported.
 */
export class SliceReader {
  readonly #read: () => Promise<Reading>;
  readonly #sliceMs: number;
  /** By number of the border; one that could not be read is missing. */
  readonly #readings = new Map<number, Reading>();
  #originMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(read: () => Promise<Reading>, sliceMs: number) {
    this.#read = read;
    this.#sliceMs = sliceMs;
  }

  readonly onProgress = ({ elapsedUs }: LoadProgress): void => {
    if (this.#originMs !== undefined || this.#isOver) return;
    this.#originMs = performance.now() - elapsedUs / 1000;
    this.#await(Math.floor(elapsedUs / 1000 / this.#sliceMs) + 1);
  };

  /** The run is over, well or not: nothing is read any more. */
  readonly stop = (): void => {
    clearTimeout(this.#timer);
    this.#isOver = true;
  };

  /**
   * What was counted in each slice, where both its borders could be read.
   * @param before read before it began
   * @param after read when all was counted
   */
  finish(before: Reading, after: Reading, durationS: number): Slice[] {
    const count = Math.max(1, Math.round((durationS * 1000) / this.#sliceMs));
    const at = (border: number) =>
      border === 0 ? before : border === count ? after : this.#readings.get(border);
    return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
      const [from, to] = [at(index), at(index + 1)];
      if (from === undefined || to === undefined) return [];
      return [{ index, statistics: subtractStatistics(to, from) }];
    });
  }

  #await(border: number): void {
    const delayMs = this.#originMs! + border * this.#sliceMs - performance.now();
    this.#timer = setTimeout(() => {
      this.#await(border + 1);
      // A reading that fails is left out: the run itself shows what is wrong.
      this.#read().then(
        (reading) => this.#readings.set(border, reading),
        () => {},
      );
    }, delayMs);
  }
}
