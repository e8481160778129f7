import type { MessagePort } from 'node:worker_threads';
import { InputError, type Problem } from '../../base/problem.js';
import { asMemoryError, MemoryError } from './memory-error.js';
import { moved } from './moved.js';
import type { Computation } from './run-apart.js';

export interface ThreadTask<Argument> {
  readonly argument: Argument;
  readonly port: MessagePort;
}

/** What it gave, what is wrong with its input, or that it found too little memory: errors lose their class on the way. */
export type ThreadOutcome<Result> =
  | { readonly value: Result }
  | { readonly problems: readonly Problem[] }
  | { readonly outOfMemory: string };

/** The computation as the file of a worker thread exports it. */
export function inThread<Argument, Result>(compute: Computation<Argument, Result>) {
  return async ({ argument, port }: ThreadTask<Argument>): Promise<ThreadOutcome<Result>> => {
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
