import { isMainThread } from 'node:worker_threads';
import { InputError } from '../../../../src/base/problem.js';

/** Doubles values, tells of it half-way, and says where it was done. */
export async function twice(values: Float64Array, progress?: (text: string) => void) {
  progress?.('half');
  return { isMainThread, doubled: new Map([['values', values.map((value) => 2 * value)]]) };
}

/** Fails as it is told to. */
export async function fails(how: 'input' | 'memory'): Promise<number> {
  if (how === 'input') throw InputError.of('this is wrong', 'write that');
  return new Float64Array(2 ** 50).length;
}
