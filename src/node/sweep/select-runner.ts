import { InputError } from '../../base/problem.js';
import type { Library } from './content-library.js';
import type { RedisAddress } from './redis/redis-url.js';
import type { SweepRunner } from './runner.js';

export interface RunnerChoice {
  /** `inline`, `threads`, or the address of a Redis; absent: by the number of threads. */
  readonly engine?: string | undefined;
  readonly threads: number;
  /** Tells people what they should know of workers elsewhere. */
  readonly notify?: (text: string) => void;
}

/**
 * The way to run that was asked for.
 * @throws InputError when there is no such way
 */
export async function selectRunner(library: Library, choice: RunnerChoice): Promise<SweepRunner> {
  const { threads, notify = () => {} } = choice;
  const engine = await engineOf(choice);
  if (engine === 'inline') return (await import('./inline-runner.js')).inlineRunner(library);
  if (engine === 'threads') return (await import('./thread-runner.js')).threadRunner(library, threads);
  const { redisRunner } = await import('./redis/redis-runner.js');
  return redisRunner(library, engine, notify);
}

/** @throws InputError when there is no such way to run */
export async function engineOf({
  threads,
  engine = threads === 1 ? 'inline' : 'threads',
}: RunnerChoice): Promise<'inline' | 'threads' | RedisAddress> {
  if (engine === 'inline' || engine === 'threads') return engine;
  if (/^rediss?:/.test(engine))
    return (await import('./redis/redis-url.js')).parseRedisUrl(engine, '--engine');
  // An address with a slip in it may hold a password.
  const shown = engine.includes('@') ? 'this' : `"${engine}"`;
  throw InputError.of(`${shown} is no engine`, 'write inline, threads or redis://host:6379', {
    path: '--engine',
  });
}
