import { isMainThread, MessageChannel } from 'node:worker_threads';
import { InputError } from '../../base/problem.js';
import { workerPool } from '../worker-pool.js';
import type { ApartOutcome, ApartTask } from './apart-worker.js';
import { type MemoryNeed, requireMemory } from './memory-need.js';

/**
 * Up to this much runs in the thread that asks: it fits wherever Node does, and starting a thread would take longer than many
 * a run.
 */
const SMALL_BYTES = 256e6;

/** A function that a module exports, to which arguments can be sent from thread to thread. */
export interface Computation<Argument> {
  /** `import.meta.url` of the module. */
  readonly module: string;
  readonly name: string;
  readonly argument: Argument;
}

export interface Listeners {
  readonly progress?: ((text: string) => void) | undefined;
  /** Told, before it begins, where it will take most of the free memory. */
  readonly notify?: ((text: string) => void) | undefined;
}

/**
 * Calls a function where the end of memory can be told: large computations in a thread of their own, whose end is not that of the
 * process, while this one watches; small ones, and those that are in such a thread already, right here.
 * @param call the same function
 * @throws MemoryError where memory does not suffice, InputError as the function does
 */
export async function runApart<Argument, Result>(
  need: MemoryNeed,
  { module, name, argument }: Computation<Argument>,
  call: (argument: Argument, progress?: (text: string) => void) => Promise<Result>,
  { progress, notify }: Listeners,
): Promise<Result> {
  if (!isMainThread || need.bytes < SMALL_BYTES) return call(argument, progress);
  requireMemory(need, notify);
  const pool = workerPool(new URL('./apart-worker.js', import.meta.url), undefined, 1);
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (text: string) => progress?.(text));
  try {
    const task: ApartTask = { module, name, argument, port: port2 };
    const outcome = await pool.run<ApartOutcome>(task, { transferList: [port2] });
    if ('problems' in outcome) throw new InputError(outcome.problems);
    return outcome.value as Result;
  } finally {
    port1.close();
    await pool.destroy();
  }
}
