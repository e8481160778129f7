import { isMainThread, MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { InputError } from '../../base/problem.js';
import { MemoryError } from './memory-error.js';
import { isSmall, type MemoryNeed, requireMemory } from './memory-need.js';
import type { ThreadOutcome, ThreadTask } from './thread-task.js';

/** A function that runs in this thread or in another one: its argument and its result can be sent between threads. */
export type Computation<Argument, Result> = (
  argument: Argument,
  progress?: (text: string) => void,
) => Promise<Result>;

export interface Listeners {
  readonly progress?: ((text: string) => void) | undefined;
  /** Told, before it begins, where it will take most of the free memory. */
  readonly notify?: ((text: string) => void) | undefined;
}

/**
 * Computes where the end of memory can be told: large computations in a thread of their own, whose end is not that of the
 * process, while this one watches; small ones, and those of such a thread, right here.
 * @param worker the file of the thread, as it is compiled: it exports `inThread(compute)` by default
 * @throws MemoryError where memory does not suffice, InputError as the computation does
 */
export async function runApart<Argument, Result>(
  need: MemoryNeed,
  compute: Computation<Argument, Result>,
  worker: URL,
  argument: Argument,
  { progress, notify }: Listeners,
): Promise<Result> {
  if (!isMainThread || isSmall(need)) return compute(argument, progress);
  requireMemory(need, notify);
  const { workerPool } = await import('../runs/worker-pool.js');
  const pool = workerPool(worker, undefined, 1);
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (text: string) => progress?.(text));
  try {
    const task: ThreadTask<Argument> = { argument, port: port2 };
    const outcome = await pool.run<ThreadOutcome<Result>>(task, { transferList: [port2] });
    for (const text of leftOn(port1)) progress?.(text);
    return resultOf(outcome);
  } finally {
    port1.close();
    await pool.destroy();
  }
}

/** What was sent before the result and has not been delivered yet: the result came another way. */
function* leftOn(port: MessagePort): Generator<string> {
  for (;;) {
    const left = receiveMessageOnPort(port) as { readonly message: string } | undefined;
    if (left === undefined) return;
    yield left.message;
  }
}

function resultOf<Result>(outcome: ThreadOutcome<Result>): Result {
  if ('problems' in outcome) throw new InputError(outcome.problems);
  if ('outOfMemory' in outcome) throw new MemoryError(outcome.outOfMemory);
  return outcome.value;
}
