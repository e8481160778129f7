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
 * The thread is told to wake this one somewhat too early, and the rest is spun away: waking takes 30 to 100
 * microseconds on an idle machine and several hundred on a crowded one, which would be part of every latency,
 * while spinning takes a core from a server on this machine. The lead follows what waking takes here and now, so that
 * nine in ten wake-ups are early enough: each that is late lengthens it by nine times what an early one takes off.
 * Measured at 1000 requests a second on two cores: own use 33 % of a core, 40 % with a fixed lead of 200
 * (`test/live/load/bench.ts`).
 */
const LEAD_US = { first: 100, least: 20, most: 300 } as const;
const STEP_US = 1;
const LATE_STEPS = 9;

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
  #leadUs: number = LEAD_US.first;
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
    if (atUs - this.nowUs() <= this.#leadUs) this.#immediate = setImmediate(this.#look);
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
    dueUs[0] = atUs - this.#leadUs + this.#originUs;
    Atomics.add(control, COMMANDS, 1);
    Atomics.notify(control, COMMANDS);
  }

  async #listen(): Promise<void> {
    const { control } = this.#memory;
    while (!this.#isClosed) {
      const wait = Atomics.waitAsync(control, WAKE_UPS, this.#seen);
      if (wait.async) await wait.value;
      this.#seen = Atomics.load(control, WAKE_UPS);
      if (this.#armedUs === this.#dueUs && this.#dueUs < Infinity) this.#adaptLead();
      this.#armedUs = Infinity;
      this.wakeAt(this.#dueUs);
    }
  }

  #adaptLead(): void {
    const isLate = this.nowUs() > this.#dueUs;
    const leadUs = this.#leadUs + (isLate ? LATE_STEPS * STEP_US : -STEP_US);
    this.#leadUs = Math.min(LEAD_US.most, Math.max(LEAD_US.least, leadUs));
  }

  readonly #look = (): void => {
    if (this.nowUs() < this.#dueUs) return this.wakeAt(this.#dueUs);
    this.#dueUs = Infinity;
    this.#wake();
  };
}
