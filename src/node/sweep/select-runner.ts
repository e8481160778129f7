import { InputError } from '../../base/problem.js';
import type { Library } from './content-library.js';
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
  const { engine = choice.threads === 1 ? 'inline' : 'threads', threads, notify = () => {} } = choice;
  if (engine === 'inline') return (await import('./inline-runner.js')).inlineRunner(library);
  if (engine === 'threads') return (await import('./thread-runner.js')).threadRunner(library, threads);
  if (/^rediss?:/.test(engine)) {
    const { parseRedisUrl } = await import('./redis/redis-url.js');
    const { redisRunner } = await import('./redis/redis-runner.js');
    return redisRunner(library, parseRedisUrl(engine, '--engine'), notify);
  }
  throw InputError.of(`"${engine}" is no engine`, 'write inline, threads or redis://host:6379', {
    path: '--engine',
  });
}
