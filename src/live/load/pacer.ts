import type { PacerKind } from './load-options.js';
import { pacingStep } from './pacing.js';
import { WorkerPacer } from './worker-pacer.js';

/** Time as the load generator sees it. Tests put one with its own time in its place. */
export interface Pacer {
  /** Microseconds since the start of the run, with fractions; never goes back. */
  nowUs(): number;
  /**
   * Wakes the generator once at `atUs` or soon after, never from within this call. A later call takes the
   * place of an earlier one; Infinity calls it off. A wake-up too many may happen.
   */
  wakeAt(atUs: number): void;
  /** Wakes nobody any more. */
  close(): void;
}

/** Makes the pacer of a run; `wake` is what it calls. */
export type PacerFactory = (wake: () => void) => Pacer;

/** A pacer of that kind for a clock that counts from the start of the run; `worker` first starts its thread. */
export async function openPacer(kind: PacerKind): Promise<(nowUs: () => number) => PacerFactory> {
  if (kind === 'worker') return WorkerPacer.open();
  return (nowUs) => (wake) => new TimerPacer(kind, nowUs, wake);
}

class TimerPacer implements Pacer {
  readonly nowUs: () => number;
  readonly #kind: 'hybrid' | 'sleep';
  readonly #wake: () => void;
  #dueUs = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(kind: 'hybrid' | 'sleep', nowUs: () => number, wake: () => void) {
    this.#kind = kind;
    this.nowUs = nowUs;
    this.#wake = wake;
  }

  wakeAt(atUs: number): void {
    this.#dueUs = atUs;
    this.#cancel();
    this.#arm();
  }

  close(): void {
    this.#dueUs = Infinity;
    this.#cancel();
  }

  #arm(): void {
    const step = pacingStep(this.#kind, this.#dueUs - this.nowUs());
    if (step.wait === 'timer') this.#timer = setTimeout(this.#look, step.ms);
    else if (step.wait === 'turn') this.#immediate = setImmediate(this.#look);
  }

  readonly #look = (): void => {
    if (this.nowUs() < this.#dueUs) return this.#arm();
    this.#dueUs = Infinity;
    this.#wake();
  };

  #cancel(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }
}
