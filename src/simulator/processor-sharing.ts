import { doubled } from './doubled.js';

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
  #length = 0;
  #endVirtualNs = new Float64Array(16);
  #order = new Float64Array(16);
  #jobWeight = new Float64Array(16);
  #job = new Int32Array(16);
  #count = 0;

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
    this.#push(this.#virtualNs + work, weight, job);
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
    this.#virtualNs = Math.max(this.#virtualNs, this.#endVirtualNs[0]!);
    const job = this.#job[0]!;
    this.#weight -= this.#jobWeight[0]!;
    this.#pop();
    if (this.#length === 0) {
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
    if (this.#length === 0) this.nextNs = Infinity;
    else {
      const leftNs = (this.#endVirtualNs[0]! - this.#virtualNs) / this.#speed;
      this.nextNs = nowNs + Math.max(0, Math.round(leftNs));
    }
  }

  #push(endNs: number, weight: number, job: number): void {
    if (this.#length === this.#job.length) this.#grow();
    const order = this.#count++;
    let index = this.#length++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#endVirtualNs[parent]! <= endNs) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#set(index, endNs, order, weight, job);
  }

  #pop(): void {
    const last = --this.#length;
    if (last === 0) return;
    const endNs = this.#endVirtualNs[last]!;
    const order = this.#order[last]!;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#before(child + 1, this.#endVirtualNs[child]!, this.#order[child]!))
        child++;
      if (!this.#before(child, endNs, order)) break;
      this.#move(child, index);
      index = child;
    }
    this.#set(index, endNs, order, this.#jobWeight[last]!, this.#job[last]!);
  }

  #before(index: number, endNs: number, order: number): boolean {
    const own = this.#endVirtualNs[index]!;
    return own < endNs || (own === endNs && this.#order[index]! < order);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#endVirtualNs[from]!, this.#order[from]!, this.#jobWeight[from]!, this.#job[from]!);
  }

  #set(index: number, endNs: number, order: number, weight: number, job: number): void {
    this.#endVirtualNs[index] = endNs;
    this.#order[index] = order;
    this.#jobWeight[index] = weight;
    this.#job[index] = job;
  }

  #grow(): void {
    this.#endVirtualNs = doubled(this.#endVirtualNs);
    this.#order = doubled(this.#order);
    this.#jobWeight = doubled(this.#jobWeight);
    this.#job = doubled(this.#job);
  }
}
