import { Queue, QueueEvents } from 'bullmq';
import { plural } from '../../../base/plural.js';
import type { Library } from '../content-library.js';
import { engine } from '../engine.js';
import type { SweepRunner } from '../runner.js';
import { LastingConnection, PREFIX, queueName } from './connection.js';
import type { PointData } from './messages.js';
import { PointDispatcher } from './point-dispatcher.js';
import type { RedisAddress } from './redis-url.js';
import { Refusals } from './refusals.js';

/** How often to look whether anyone works on what was handed over. */
const WATCH_MS = 10_000;
/** How long to wait, at the end, for a Redis that may be away. */
const LEAVE_MS = 2_000;

/**
 * Runs points on workers of other processes and machines (`perseus worker`), over a queue in Redis.
 * Workers may come, go and be killed, and Redis may lose all it holds: whatever is missing is handed over
 * again, and each result lands once.
 */
export function redisRunner(
  library: Library,
  address: RedisAddress,
  notify: (text: string) => void,
): SweepRunner {
  return async (jobs, onResult, signal) => {
    const connection = new LastingConnection(address);
    const options = { connection: connection.options, prefix: PREFIX };
    const queue = new Queue<PointData>(queueName(), options);
    const events = new QueueEvents(queueName(), options);
    // Both connect again by themselves; what got lost or is refused meanwhile is found when the dispatcher looks.
    const refusals = new Refusals(address.label, () => {});
    queue.on('error', (error) => refusals.hear(error));
    events.on('error', (error) => refusals.hear(error));
    const dispatcher = new PointDispatcher({
      queue,
      where: `${address.label}, queue ${queueName()}`,
      library,
      jobs,
      onResult,
      notify,
    });
    let landed = 0;
    const watch = setInterval(() => {
      if (dispatcher.landed === landed) warnOfIdleQueue(queue, address, notify);
      landed = dispatcher.landed;
    }, WATCH_MS);
    try {
      await connection.require(queue);
      await connection.require(events);
      refusals.throwIfFinal();
      notify(
        `${jobs.length} ${plural(jobs.length, 'point')} for the workers at ${address.label} (perseus ${engine()})`,
      );
      events.on('completed', ({ jobId, returnvalue }) => dispatcher.completed(jobId, returnvalue));
      await dispatcher.run(signal);
    } finally {
      clearInterval(watch);
      await Promise.race([dispatcher.withdraw().catch(() => {}), wait(LEAVE_MS)]);
      await Promise.race([Promise.allSettled([queue.close(), events.close()]), wait(LEAVE_MS)]);
      await Promise.allSettled([queue.disconnect(), events.disconnect()]);
    }
  };
}

async function warnOfIdleQueue(
  queue: Queue,
  { label }: RedisAddress,
  notify: (text: string) => void,
): Promise<void> {
  // Some hosted servers do not tell who is connected.
  const workers = await queue.getWorkersCount().catch(() => undefined);
  if (workers !== 0) return;
  notify(
    `no worker of perseus ${engine()} is connected to ${label}; start perseus worker there, of this version`,
  );
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
