import { isMainThread, MessageChannel } from 'node:worker_threads';
import { InputError } from '../../base/problem.js';
import { MemoryError } from './memory-error.js';
import { isSmall, type MemoryNeed, requireMemory } from './memory-need.js';
import type { Computation, ThreadOutcome, ThreadTask } from './thread-task.js';

/** A computation, and under which name a thread finds it. */
export interface NamedComputation<Argument, Result> {
  readonly compute: Computation<Argument, Result>;
  /** `import.meta.url` of a module, and what it exports: `inThread(compute)`. */
  readonly module: string;
  readonly name: string;
}

export interface Listeners {
  readonly progress?: ((text: string) => void) | undefined;
  /** Told, before it begins, where it will take most of the free memory. */
  readonly notify?: ((text: string) => void) | undefined;
}

/**
 * Computes where the end of memory can be told: large computations in a thread of their own, whose end is not that of the
 * process, while this one watches; small ones, and those of such a thread, right here.
 * @throws MemoryError where memory does not suffice, InputError as the computation does
 */
export async function runApart<Argument, Result>(
  need: MemoryNeed,
  { compute, module, name }: NamedComputation<Argument, Result>,
  argument: Argument,
  { progress, notify }: Listeners,
): Promise<Result> {
  if (!isMainThread || isSmall(need)) return compute(argument, progress);
  requireMemory(need, notify);
  const { workerPool } = await import('../worker-pool.js');
  const pool = workerPool(new URL(module), undefined, 1, { name });
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (text: string) => progress?.(text));
  try {
    const task: ThreadTask<Argument> = { argument, port: port2 };
    return resultOf(await pool.run<ThreadOutcome<Result>>(task, { transferList: [port2] }));
  } finally {
    port1.close();
    await pool.destroy();
  }
}

function resultOf<Result>(outcome: ThreadOutcome<Result>): Result {
  if ('problems' in outcome) throw new InputError(outcome.problems);
  if ('outOfMemory' in outcome) throw new MemoryError(outcome.outOfMemory);
  return outcome.value;
}
