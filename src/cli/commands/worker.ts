import { availableParallelism } from 'node:os';
import { plural } from '../../base/plural.js';
import { command } from '../command.js';
import { secondsOf } from '../duration.js';
import { gatherProblems } from '../gather-problems.js';
import { interruptSignal } from '../interrupt.js';
import { requireNumbers, THREADS } from '../number-options.js';
import { say } from '../output.js';
import { throttle } from '../throttle.js';

/** People want to see that it lives, not every point. */
const SAY_EVERY_MS = 10_000;

export const workerCommand = command({
  command: 'worker <redis>',
  describe: 'Simulate points of sweeps that wait in Redis',
  builder: (yargs) =>
    yargs
      .positional('redis', {
        type: 'string',
        demandOption: true,
        describe:
          'redis://user:password@host:6379, rediss:// for TLS; REDIS_PASSWORD in the environment works too',
      })
      .option('threads', {
        type: 'number',
        default: availableParallelism(),
        defaultDescription: 'all cores',
        describe: 'Points at the same time',
      })
      .option('idle-exit', { type: 'string', describe: 'End after so long without points, e.g. 5m' })
      .example('$0 worker redis://10.0.0.5:6379', 'works until Ctrl-C, which finishes points under way')
      .example(
        '$0 worker redis://10.0.0.5:6379 --threads 8 --idle-exit 5m',
        'for a cluster that bills by the hour',
      ),
  handler: async ({ redis, threads, 'idle-exit': idleExit }) => {
    const { parseRedisUrl } = await import('../../node/sweep/redis/redis-url.js');
    const { requireRedisPackages } = await import('../../node/sweep/redis/packages.js');
    const [address, idleExitS] = await gatherProblems(
      () => parseRedisUrl(redis, 'redis'),
      () => (idleExit === undefined ? undefined : secondsOf('--idle-exit', idleExit)),
      () => requireNumbers({ threads: [threads, THREADS] }),
      () => requireRedisPackages('redis'),
    );
    const { engine } = await import('../../node/sweep/engine.js');
    const { runRedisWorker } = await import('../../node/sweep/redis/redis-worker.js');
    const isTime = throttle(SAY_EVERY_MS);
    const points = await runRedisWorker(
      address,
      {
        threads,
        idleExitS,
        onReady: () =>
          say(
            `waiting for points at ${address.label} (perseus ${engine()}, ${threads} ${plural(threads, 'thread')})`,
          ),
        notify: say,
        onPoint: (count) => {
          if (isTime()) say(countOf(count));
        },
      },
      interruptSignal(),
    );
    say(`ended after ${countOf(points)}`);
  },
});

function countOf(points: number): string {
  return `${points} ${plural(points, 'point')}`;
}
