/// <reference lib="es2024.sharedmemory" />
import type { Worker } from 'node:worker_threads';
import type { Pacer, PacerFactory } from './pacer.js';
import { startWorker } from './start-worker.js';

/** What the two threads share: counters to wait on, and when the sleeper should wake its owner. */
export interface PacingMemory {
  readonly control: Int32Array<SharedArrayBuffer>;
  /** One number: how many microseconds of the machine's monotonic clock (hrtime). */
  readonly dueUs: Float64Array<SharedArrayBuffer>;
}

/** Places in `control`. */
export const COMMANDS = 0;
export const WAKE_UPS = 1;

/**
 * The thread is told to wake this one so much too early, and the rest is spun away: waking takes 30 to 100
 * microseconds on an idle machine and several hundred on a crowded one, which would be part of every
 * latency. Measured with 100, 200, 300 and 600 on two crowded cores at 3000 requests a second: median lag 21,
 * 1, 1 and 1 microseconds for 64, 75, 83 and 95 % of a core (`test/live/load/bench.ts`).
 */
const LEAD_US = 200;

/**
 * A thread that sleeps by `Atomics.wait`, whose timer is precise, until the next send is due, and wakes this
 * thread through `Atomics.waitAsync`. Costs little while it waits.
 */
export class WorkerPacer implements Pacer {
  readonly nowUs: () => number;
  readonly #memory: PacingMemory;
  readonly #worker: Worker;
  /** What this clock is behind hrtime. */
  readonly #originUs: number;
  readonly #wake: () => void;
  #seen = 0;
  #dueUs = Infinity;
  /** What the sleeper was last told and has not yet answered. */
  #armedUs = Infinity;
  #immediate: NodeJS.Immediate | undefined;
  #isClosed = false;

  /** Starts the thread, which may take a while, before the run. */
  static async open(): Promise<(nowUs: () => number) => PacerFactory> {
    const memory: PacingMemory = {
      control: new Int32Array(new SharedArrayBuffer(8)),
      dueUs: new Float64Array(new SharedArrayBuffer(8)).fill(Infinity),
    };
    const worker = await startWorker('pacing-worker', import.meta.url, memory);
    return (nowUs) => (wake) => new WorkerPacer(memory, worker, nowUs, wake);
  }

  private constructor(memory: PacingMemory, worker: Worker, nowUs: () => number, wake: () => void) {
    this.#memory = memory;
    this.#worker = worker;
    this.nowUs = nowUs;
    this.#originUs = Number(process.hrtime.bigint()) / 1000 - nowUs();
    this.#wake = wake;
    void this.#listen();
  }

  wakeAt(atUs: number): void {
    this.#dueUs = atUs;
    clearImmediate(this.#immediate);
    if (atUs - this.nowUs() <= LEAD_US) this.#immediate = setImmediate(this.#look);
    else if (atUs !== this.#armedUs) this.#command(atUs);
  }

  close(): void {
    this.#isClosed = true;
    this.#dueUs = Infinity;
    clearImmediate(this.#immediate);
    this.#command(-Infinity);
    // Whoever still listens for a wake-up ends with this one.
    Atomics.add(this.#memory.control, WAKE_UPS, 1);
    Atomics.notify(this.#memory.control, WAKE_UPS);
    void this.#worker.terminate();
  }

  #command(atUs: number): void {
    const { control, dueUs } = this.#memory;
    this.#armedUs = atUs;
    dueUs[0] = atUs - LEAD_US + this.#originUs;
    Atomics.add(control, COMMANDS, 1);
    Atomics.notify(control, COMMANDS);
  }

  async #listen(): Promise<void> {
    const { control } = this.#memory;
    while (!this.#isClosed) {
      const wait = Atomics.waitAsync(control, WAKE_UPS, this.#seen);
      if (wait.async) await wait.value;
      this.#seen = Atomics.load(control, WAKE_UPS);
      this.#armedUs = Infinity;
      this.wakeAt(this.#dueUs);
    }
  }

  readonly #look = (): void => {
    if (this.nowUs() < this.#dueUs) return this.wakeAt(this.#dueUs);
    this.#dueUs = Infinity;
    this.#wake();
  };
}
