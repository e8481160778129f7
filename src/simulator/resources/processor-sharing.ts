import { ColumnHeap } from '../containers/column-heap.js';

/**
 * Work that shares a capacity: cores of a host among jobs, bytes per nanosecond of a link among
 * transfers. A job of weight w alone runs at full speed; when the weights of all running jobs exceed
 * the capacity, every job runs at `capacity / total weight` of its full speed, at once and without a queue.
 *
 * All jobs run at one common speed, so a single virtual clock orders their ends: O(log jobs) per change.
 */
export class ProcessorSharing {
  /** When the next job ends; Infinity when none runs. */
  nextNs = Infinity;
  readonly #capacity: number;
  readonly #fullSpeed: number;
  #weight = 0;
  #background = 0;
  #speed: number;
  #nowNs = 0;
  /** How far a job that ran from the beginning would have come, in nanoseconds at full speed. */
  #virtualNs = 0;
  #busyCapacityNs = 0;
  /** Jobs with their weights, by the virtual time of their end; at one instant in the order in which they were started. */
  readonly #running = new ColumnHeap();
  #started = 0;

  /**
   * @param capacity total weight that can run at full speed
   * @param fullSpeed speed of a job when there is room: 1 for cores; Infinity for a link, where a lone transfer has it all
   */
  constructor(capacity: number, fullSpeed: number) {
    this.#capacity = capacity;
    this.#fullSpeed = fullSpeed;
    this.#speed = Math.min(fullSpeed, capacity);
  }

  /** Weight in use times nanoseconds so far, at most the capacity: what utilisation is counted from. */
  usedUntil(nowNs: number): number {
    this.#advance(nowNs);
    return this.#busyCapacityNs;
  }

  /** Starts a job of `work` (nanoseconds at full speed, or bytes) now. */
  start(job: number, work: number, weight: number, nowNs: number): void {
    this.#advance(nowNs);
    this.#weight += weight;
    this.#running.push(this.#virtualNs + work, this.#started++, job, weight);
    this.#reset(nowNs);
  }

  /** Load that takes capacity but has no end of its own, e.g. a thread that spins while a GPU works. */
  addBackground(weight: number, nowNs: number): void {
    this.#advance(nowNs);
    this.#background += weight;
    if (this.#background < 1e-9) this.#background = 0;
    this.#reset(nowNs);
  }

  /** Ends the job that is due at `nextNs` and gives it. */
  finish(): number {
    const nowNs = this.nextNs;
    this.#advance(nowNs);
    const running = this.#running;
    this.#virtualNs = Math.max(this.#virtualNs, running.firstKey);
    const job = running.firstItem;
    this.#weight -= running.firstBeside;
    running.removeFirst();
    if (running.length === 0) {
      this.#weight = 0;
      this.#virtualNs = 0;
    }
    this.#reset(nowNs);
    return job;
  }

  #advance(nowNs: number): void {
    const elapsedNs = nowNs - this.#nowNs;
    if (elapsedNs <= 0) return;
    this.#virtualNs += elapsedNs * this.#speed;
    this.#busyCapacityNs += elapsedNs * Math.min(this.#capacity, this.#weight + this.#background);
    this.#nowNs = nowNs;
  }

  #reset(nowNs: number): void {
    const total = this.#weight + this.#background;
    this.#speed =
      total <= 0
        ? Math.min(this.#fullSpeed, this.#capacity)
        : Math.min(this.#fullSpeed, this.#capacity / total);
    if (this.#running.length === 0) this.nextNs = Infinity;
    else {
      const leftNs = (this.#running.firstKey - this.#virtualNs) / this.#speed;
      this.nextNs = nowNs + Math.max(0, Math.round(leftNs));
    }
  }
}
