import { InputError } from '../../base/problem.js';
import { requireCounts } from '../../base/require-counts.js';
import { isSmall, requireMemory } from '../memory/memory-need.js';
import type { PreparedSweep } from './prepare-sweep.js';
import type { RedisAddress } from './redis/redis-url.js';
import type { SweepRunner } from './runner.js';
import { pointsNeed } from './sweep-need.js';

export interface RunnerChoice {
  /** `inline`, `threads`, or the address of a Redis; absent: by the number of threads. */
  readonly engine?: string | undefined;
  /** Worker threads; 1 = in this thread, where the points are small. */
  readonly threads: number;
  /** Tells people what they should know of workers elsewhere, and of memory that will hardly suffice. */
  readonly notify?: (text: string) => void;
}

/**
 * The way to run that was asked for.
 * @throws InputError when there is no such way or number of threads, MemoryError where memory cannot suffice for the points
 */
export async function selectRunner(
  { library, points }: Pick<PreparedSweep, 'library' | 'points'>,
  choice: RunnerChoice,
): Promise<SweepRunner> {
  const { threads, notify = () => {} } = choice;
  requireCounts({ threads });
  const engine = await engineOf(choice);
  if (engine === 'inline' || engine === 'threads') {
    const threadsUsed = engine === 'inline' ? 1 : threads;
    const need = pointsNeed(points, library, threadsUsed);
    requireMemory(need, notify);
    // A thread's end can be told, so large points have one even where nobody asked for it.
    if (engine === 'inline' && (choice.engine !== undefined || isSmall(need)))
      return (await import('./inline-runner.js')).inlineRunner(library);
    return (await import('./thread-runner.js')).threadRunner(library, threadsUsed);
  }
  const { redisRunner } = await import('./redis/redis-runner.js');
  return redisRunner(library, engine, notify);
}

/** @throws InputError when there is no such way to run, or what it takes is not installed */
export async function engineOf({
  threads,
  engine = threads === 1 ? 'inline' : 'threads',
}: RunnerChoice): Promise<'inline' | 'threads' | RedisAddress> {
  if (engine === 'inline' || engine === 'threads') return engine;
  if (/^rediss?:/.test(engine)) {
    const address = (await import('./redis/redis-url.js')).parseRedisUrl(engine, '--engine');
    (await import('./redis/packages.js')).requireRedisPackages('--engine');
    return address;
  }
  // An address with a slip in it may hold a password.
  const shown = engine.includes('@') ? 'this' : `"${engine}"`;
  throw InputError.of(`${shown} is no engine`, 'write inline, threads or redis://host:6379', {
    path: '--engine',
  });
}
