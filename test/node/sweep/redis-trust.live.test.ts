import type { ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LiveError } from '../../../src/live/inference-client.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { PREFIX, queueName } from '../../../src/node/sweep/redis/connection.js';
import { redisRunner } from '../../../src/node/sweep/redis/redis-runner.js';
import { parseRedisUrl } from '../../../src/node/sweep/redis/redis-url.js';
import { runRedisWorker } from '../../../src/node/sweep/redis/redis-worker.js';
import { publishContent } from '../../../src/node/sweep/redis/shared-content.js';
import { runSweep } from '../../../src/node/sweep/run-sweep.js';
import { RedisServer, whyNoRedis } from './redis-server.js';
import { bytesBelow, runInline, smallSweep } from './small-sweep.js';
import { startWorker } from './start-worker.js';

const reason = whyNoRedis();
const title = reason === undefined ? 'a Redis that others can write to' : `a Redis (skipped: ${reason})`;

const small = smallSweep(`perseus: 1
name: two
scenario: small.yaml
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 8]}
`);

async function sweepOn(url: string, out: string) {
  const sweep = await prepareSweep(small.sweep);
  return runSweep(sweep, { out, runner: redisRunner(sweep.library, parseRedisUrl(url, 'url'), () => {}) });
}

describe.skipIf(reason !== undefined)(title, () => {
  const children: ChildProcess[] = [];
  const closing: { close: () => Promise<unknown> }[] = [];
  let redis: RedisServer;

  const queueAt = (url: string) => {
    const queue = new Queue(queueName(), {
      connection: parseRedisUrl(url, 'url').connection,
      prefix: PREFIX,
    });
    closing.push(queue);
    return queue;
  };
  const untilWaiting = async (queue: Queue, jobs: number) => {
    while ((await queue.getWaitingCount()) < jobs) await sleep(20);
  };

  beforeAll(async () => {
    await runInline(small.sweep, small.path('inline'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(closing.splice(0).map((one) => one.close()));
    await redis?.end();
  });

  it('gives a sweep no rows that are none: it names the worker and the point, and writes nothing of them', async () => {
    redis = await RedisServer.start(false);
    const { url } = redis;
    const options = { connection: parseRedisUrl(url, 'url').connection, prefix: PREFIX, name: 'box 7' };
    closing.push(new Worker(queueName(), async () => ({ rows: [{ tenant: 'evil' }] }), options));
    const out = small.path('evil');
    const error = (await sweepOn(url, out).catch((caught: unknown) => caught)) as LiveError;
    expect(error).toBeInstanceOf(LiveError);
    expect(error.message).toMatch(
      /^redis:\/\/127\.0\.0\.1:\d+, queue points-.*: the worker "box 7" handed in something else than rows of point [0-9a-f]{32}: the result: rows/,
    );
    // Nothing but the mark of the sweep's own folder.
    expect(readdirSync(out, { recursive: true })).toEqual(['perseus-folder.json']);
    // The same command goes on once that worker is gone.
    await Promise.all(closing.splice(0).map((one) => one.close()));
    children.push(await startWorker(url));
    expect(await sweepOn(url, out)).toMatchObject({ done: 2 });
    expect(bytesBelow(out)).toEqual(bytesBelow(small.path('inline')));
  });

  it('gives a worker no job that is none: it says so once, goes on, and hands in why', async () => {
    redis = await RedisServer.start(false);
    const { url } = redis;
    const queue = queueAt(url);
    await queue.add('point', { scenario: 'evil' }, { jobId: 'a\u2028b' });
    await queue.add('point', { scenario: 7, evil: 1 }, { jobId: 'other' });
    const sweep = await prepareSweep(small.sweep);
    const [one, another] = sweep.points;
    await publishContent(await queue.getBackend().client, sweep.library);
    await queue.add('point', { scenario: another!.portable() }, { jobId: one!.key });
    const negative = one!.portable().replace('"max_batch_size":2', '"max_batch_size":-2');
    await queue.add('point', { scenario: negative }, { jobId: 'negative' });
    const told: string[] = [];
    const enough = new AbortController();
    const onPoint = (points: number) => void (points === 4 && enough.abort());
    await runRedisWorker(
      parseRedisUrl(url, 'url'),
      { threads: 1, onPoint, notify: (text) => void told.push(text) },
      enough.signal,
    );
    const why =
      /^the worker ".* \d+" cannot read point a\ufffdb at redis:\/\/127\.0\.0\.1:\d+, queue points-.*: the scenario is no JSON/;
    expect(told).toEqual([expect.stringMatching(why)]);
    expect((await queue.getJob('a\u2028b'))!.failedReason).toMatch(why);
    const reasonOf = async (job: string) => (await queue.getJob(job))!.failedReason;
    expect(await reasonOf('other')).toContain('the job: scenario');
    expect(await reasonOf(one!.key)).toContain('the scenario is not the one of this address');
    expect(await reasonOf('negative')).toContain('max_batch_size');
  });

  it('heals where content or a job was changed in it: the sweep hands over again what it has', async () => {
    redis = await RedisServer.start(false);
    const { url } = redis;
    const queue = queueAt(url);
    const out = small.path('healed');
    const running = sweepOn(url, out);
    await untilWaiting(queue, 2);
    const client = await queue.getBackend().client;
    for (const hash of (await prepareSweep(small.sweep)).library.files.keys())
      await client.set(`${PREFIX}:content:${hash}`, 'evil');
    const [one, other] = await queue.getWaiting();
    await one!.updateData({ scenario: 'evil' });
    redis.do('HSET', `${PREFIX}:${queueName()}:${other!.id}`, 'data', '{evil');
    children.push(await startWorker(url));
    expect(await running).toMatchObject({ done: 2 });
    expect(bytesBelow(out)).toEqual(bytesBelow(small.path('inline')));
  });

  it('asks for its password, which is taken from the environment and never told', async () => {
    redis = await RedisServer.start(false);
    const { url } = redis;
    redis.do('CONFIG', 'SET', 'requirepass', 'geheim');
    const run = async (signal: AbortSignal, onReady = () => {}) => {
      const told: string[] = [];
      const notify = (text: string) => void told.push(text);
      try {
        await runRedisWorker(parseRedisUrl(url, 'url'), { threads: 1, notify, onReady }, signal);
        return told.join('\n');
      } catch (error) {
        const { message, remedy } = error as LiveError;
        return [...told, message, remedy].join('\n');
      }
    };
    const soon = () => AbortSignal.timeout(20_000);
    expect(await run(soon())).toMatch(/NOAUTH.*REDIS_PASSWORD/s);
    vi.stubEnv('REDIS_PASSWORD', 'falsch');
    const refused = await run(soon());
    expect(refused).toMatch(/WRONGPASS.*REDIS_PASSWORD/s);
    expect(refused).not.toContain('falsch');
    vi.stubEnv('REDIS_PASSWORD', 'geheim');
    const enough = new AbortController();
    expect(await run(enough.signal, () => enough.abort())).toBe('');
  });
});
