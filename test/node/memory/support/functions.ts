import { isMainThread } from 'node:worker_threads';
import { InputError } from '../../../../src/base/problem.js';
import { inThread } from '../../../../src/node/memory/thread-task.js';

const module = import.meta.url;

/** Doubles values, tells of it half-way, and says where it was done. */
async function twice(values: Float64Array, progress?: (text: string) => void) {
  progress?.('half');
  return { isMainThread, doubled: new Map([['values', values.map((value) => 2 * value)]]) };
}

export const twiceInThread = inThread(twice);
export const TWICE = { compute: twice, module, name: 'twiceInThread' };

async function refused(_: object): Promise<never> {
  throw InputError.of('this is wrong', 'write that');
}

export const refusedInThread = inThread(refused);
export const REFUSED = { compute: refused, module, name: 'refusedInThread' };

async function tooMuch(_: object): Promise<number> {
  return new Float64Array(2 ** 50).length;
}

export const tooMuchInThread = inThread(tooMuch);
export const TOO_MUCH = { compute: tooMuch, module, name: 'tooMuchInThread' };
