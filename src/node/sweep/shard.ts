import { InputError } from '../../base/problem.js';

/** Part of a sweep's points: every `of`-th, from the `index`-th (1 .. of) on. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

const MOST_SHARDS = 100_000;

/**
 * A shard as people write it: `3/16`.
 * @throws InputError when it is none
 */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim())?.map(Number) ?? [];
  if (index !== undefined && of !== undefined && index >= 1 && index <= of && of <= MOST_SHARDS) {
    return { index, of };
  }
  throw InputError.of(`"${text}" is no part of a sweep`, 'write for example 3/16: from 1/16 to 16/16', {
    path: '--shard',
  });
}
