import type { MessagePort } from 'node:worker_threads';
import { InputError, type Problem } from '../../base/problem.js';
import { moved } from './moved.js';

/** A function to be called in a thread of its own. */
export interface ApartTask {
  /** Address of the module that exports it. */
  readonly module: string;
  readonly name: string;
  readonly argument: unknown;
  /** Takes what it says meanwhile. */
  readonly port: MessagePort;
}

/** What it gave, or what is wrong with its input: errors lose their class on the way. */
export type ApartOutcome = { readonly value: unknown } | { readonly problems: readonly Problem[] };

/** Runs in a worker thread: calls one function with its argument and a way to tell of its progress. */
export default async function run({ module, name, argument, port }: ApartTask): Promise<ApartOutcome> {
  const exported = await import(module);
  try {
    return moved({ value: await exported[name](argument, (text: string) => port.postMessage(text)) });
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
}
