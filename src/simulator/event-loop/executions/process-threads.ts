import type { Execution } from './execution.js';

/** Threads of one instance's process that make its calls, each taken until the answer is there: first come, first served. */
export class CallThreads<Program> {
  #free: number;
  readonly #waiting: Program[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Who takes the next thread, if one is free. */
  get next(): Program | undefined {
    return this.#free > 0 ? this.#waiting[0] : undefined;
  }

  /** @returns whether the program has a thread for its next call; else it waits */
  take(program: Program): boolean {
    const [first = program] = this.#waiting;
    if (this.#free > 0 && first === program) {
      this.#free--;
      return true;
    }
    if (!this.#waiting.includes(program)) this.#waiting.push(program);
    return false;
  }

  giveBack(): void {
    this.#free++;
  }

  /** It has made all of its calls. */
  forget(program: Program): void {
    const at = this.#waiting.indexOf(program);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

/** What has to do with the thread on which the coroutines of an instance run: one of them at a time. */
interface LoopThread {
  runs: boolean;
  readonly waiting: (() => void)[];
}

/**
 * Executions that are coroutines (a decoupled Python model with `async def execute`), or have a thread each, one of which has Python's
 * lock: Triton hands the instance its next requests while they wait for their calls (python_backend pb_stub.cc, r24.10; so seen on a
 * real 24.10). All others hold their instance.
 */
export class Coroutines {
  /** By the number of the served model and the instance. */
  readonly #threads: LoopThread[][] = [];

  /** It goes on once its thread is free. */
  goOn(execution: Execution, how: () => void): void {
    const thread = this.#threadOf(execution);
    if (thread === undefined) return how();
    if (thread.runs) thread.waiting.push(how);
    else {
      thread.runs = true;
      how();
    }
  }

  /** It waits for its calls, or is over. @returns whether it is a coroutine */
  rests(execution: Execution): boolean {
    const thread = this.#threadOf(execution);
    if (thread === undefined) return false;
    const next = thread.waiting.shift();
    thread.runs = next !== undefined;
    next?.();
    return true;
  }

  #threadOf({ served, instance }: Execution): LoopThread | undefined {
    if (served.model.overlapping !== true) return undefined;
    this.#threads[served.number] ??= [];
    const threads = this.#threads[served.number]!;
    threads[instance] ??= { runs: false, waiting: [] };
    return threads[instance];
  }
}
