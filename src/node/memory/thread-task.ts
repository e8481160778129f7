import type { MessagePort } from 'node:worker_threads';
import { InputError, type Problem } from '../../base/problem.js';
import { asMemoryError, MemoryError } from './memory-error.js';

/** A function that runs in this thread or in another one: its argument and its result can be sent between threads. */
export type Computation<Argument, Result> = (
  argument: Argument,
  progress?: (text: string) => void,
) => Promise<Result>;

/** What a thread is handed. */
export interface ThreadTask<Argument> {
  readonly argument: Argument;
  /** Takes what the computation tells of its progress. */
  readonly port: MessagePort;
}

/** What it gave, what is wrong with its input, or that it found too little memory: errors lose their class on the way. */
export type ThreadOutcome<Result> =
  | { readonly value: Result }
  | { readonly problems: readonly Problem[] }
  | { readonly outOfMemory: string };

/** The computation as a worker thread can be asked for it by name. */
export function inThread<Argument, Result>(compute: Computation<Argument, Result>) {
  return async ({ argument, port }: ThreadTask<Argument>): Promise<ThreadOutcome<Result>> => {
    // Not before: it loads what small computations do without.
    const { moved } = await import('./moved.js');
    try {
      return moved({ value: await compute(argument, (text) => port.postMessage(text)) });
    } catch (error) {
      if (error instanceof InputError) return { problems: error.problems };
      const known = asMemoryError(error);
      if (known instanceof MemoryError) return { outOfMemory: known.message };
      throw error;
    }
  };
}
