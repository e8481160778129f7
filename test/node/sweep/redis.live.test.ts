import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { PREFIX, queueName } from '../../../src/node/sweep/redis/connection.js';
import { redisRunner } from '../../../src/node/sweep/redis/redis-runner.js';
import { parseRedisUrl } from '../../../src/node/sweep/redis/redis-url.js';
import { runRedisWorker } from '../../../src/node/sweep/redis/redis-worker.js';
import { runSweep } from '../../../src/node/sweep/run-sweep.js';
import { perseus } from '../../cli/small-scenario.js';
import { RedisServer, whyNoRedis } from './redis-server.js';
import { bytesBelow, runInline, smallSweep } from './small-sweep.js';
import { startWorker } from './start-worker.js';

const reason = whyNoRedis();
const title = reason === undefined ? 'a sweep on workers' : `a sweep on workers (skipped: ${reason})`;

/** Points of some tenths of a second, and a trace that has to travel. */
const small = smallSweep();
small.write(
  'arrivals.csv',
  `arrival_us,tenant\n${Array.from({ length: 2000 }, (_, i) => `${i * 9000},t`).join('\n')}\n`,
);
const sweepFile = small.write(
  'slow.yaml',
  `perseus: 1
name: slow
scenario: small.yaml
set:
  durationS: 200
  tenants.cats-people.load: {trace: {file: arrivals.csv}}
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 4, 8]}
  - {name: sharing, vary: sharing, values: [streams, exclusive]}
  - {name: load, vary: loadScale, of: [dogs-people], values: [0.5, 1, 1.5, 2]}
`,
);

describe.skipIf(reason !== undefined)(title, () => {
  const children: ChildProcess[] = [];
  let redis: RedisServer;

  beforeAll(async () => {
    await runInline(sweepFile, small.path('inline'));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await redis?.end();
  });

  it.each([
    ['and with what it held', true],
    ['and empty', false],
  ])('lands every result once: one worker killed, then Redis, which comes back %s', async (_, persists) => {
    redis = await RedisServer.start(persists);
    const workers = await Promise.all([startWorker(redis.url), startWorker(redis.url)]);
    children.push(...workers);
    const out = small.path(`redis-${persists}`);
    let restarted: Promise<void> | undefined;
    const outcome = await runOnWorkers(redis.url, out, (done) => {
      if (done === 4) workers[0]!.kill('SIGKILL');
      if (done === 10) restarted = redis.kill().then(() => redis.start());
    });
    await restarted;
    expect(restarted).toBeDefined();
    expect(outcome).toMatchObject({ scenarios: 24, done: 24, found: 0 });
    expect(bytesBelow(out)).toEqual(bytesBelow(small.path('inline')));
  });

  it('waits for workers that come later, and tells that there are none', async () => {
    redis = await RedisServer.start(false);
    const { url } = redis;
    const out = small.path('late');
    const running = runOnWorkers(url, out, () => {});
    children.push(await startWorker(url));
    expect(await running).toMatchObject({ done: 24 });
    expect(bytesBelow(out)).toEqual(bytesBelow(small.path('inline')));
  });

  it('ends a worker that Redis gives no rights or no database, and says what Redis answers', async () => {
    redis = await RedisServer.start(false);
    redis.do('ACL', 'SETUSER', 'elsewhere', 'on', '>x', '~other*', '+@all');
    const run = (url: string) =>
      runRedisWorker(parseRedisUrl(url, 'url'), { threads: 1 }, AbortSignal.timeout(20_000));
    await expect(run(redis.url.replace('//', '//elsewhere:x@'))).rejects.toThrow('NOPERM');
    await expect(run(`${redis.url}/99`)).rejects.toThrow('DB index is out of range');
  });

  it('ends a sweep that names a database that there is not before it hands anything over', async () => {
    redis = await RedisServer.start(false);
    const sweep = runOnWorkers(`${redis.url}/99`, small.path('nowhere'), () => {});
    await expect(sweep).rejects.toThrow('DB index is out of range');
  });

  it('tells once what a Redis answers that only reads, and goes on asking', async () => {
    redis = await RedisServer.start(false);
    redis.do('REPLICAOF', '127.0.0.1', '1');
    const told: string[] = [];
    const enough = new AbortController();
    const notify = (text: string) => {
      // Long enough for a worker to ask again.
      if (told.push(text) === 1) setTimeout(() => enough.abort(), 3000);
    };
    await runRedisWorker(parseRedisUrl(redis.url, 'url'), { threads: 1, notify }, enough.signal);
    expect(told).toEqual([expect.stringContaining('READONLY')]);
  });

  it('gives up a point that five workers died at', async () => {
    redis = await RedisServer.start(false);
    const { url } = redis;
    const axes = '  - {name: batch, vary: maxBatchSize, values: [8]}';
    const text = `perseus: 1\nname: deadly\nscenario: small.yaml\nset: {durationS: 1000000}\naxes:\n${axes}\n`;
    const deadly = small.write('deadly.yaml', text);
    let isOver = false;
    const ended = runOnWorkers(url, small.path('deadly'), () => {}, deadly).finally(() => {
      isOver = true;
    });
    const outcome = expect(ended).rejects.toThrow('5 workers died while they simulated point');
    const queue = new Queue(queueName(), {
      connection: parseRedisUrl(url, 'url').connection,
      prefix: PREFIX,
    });
    let deaths = 0;
    while (!isOver && deaths < 10) {
      const worker = await startWorker(url);
      children.push(worker);
      while (!isOver && !(await hasWork(queue, worker))) await sleep(50);
      worker.kill('SIGKILL');
      if (!isOver) deaths++;
    }
    await queue.close();
    await outcome;
    // On a busy machine the last kill may come when the point was just given up: then it is no death at the point.
    expect([5, 6]).toContain(deaths);
  });
});

/**
 * Whether a worker is at work on a point. One that is given up is handed to a worker, too, which only writes down why: killed then, it
 * would be a sixth death.
 */
async function hasWork(queue: Queue, { pid }: ChildProcess): Promise<boolean> {
  const jobs = await queue.getJobs(['active']);
  return jobs.some((job) => job.deferredFailure === undefined && job.processedBy?.endsWith(` ${pid}`));
}

it('an address that is none, and a Redis that is not there, are told at once', () => {
  const wrong = perseus(['sweep', small.sweep, '--engine', 'redis://:x:y', '--out', small.path('never')]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('it is no address of a Redis') });
  for (const half of [
    'redis://me:100%@box',
    'redis://%zz@box',
    'redis://box?db=3',
    'redis://box/1#x',
    'redis://box:0',
  ])
    expect(() => parseRedisUrl(half, 'url'), half).toThrow('it is no address of a Redis');
  const away = perseus(['worker', 'redis://127.0.0.1:9']);
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('redis://127.0.0.1:9') });
});

it('an address is read in all its parts, and shown without its password', () => {
  expect(parseRedisUrl('rediss://me:a%40b@[::1]:7000/3', 'url')).toEqual({
    connection: { host: '::1', port: 7000, username: 'me', password: 'a@b', db: 3, tls: {} },
    label: 'rediss://[::1]:7000/3',
  });
  expect(parseRedisUrl('redis://box', 'url').connection).toEqual({ host: 'box', port: 6379 });
});

async function runOnWorkers(url: string, out: string, onDone: (done: number) => void, file = sweepFile) {
  const sweep = await prepareSweep(file);
  const runner = redisRunner(sweep.library, parseRedisUrl(url, 'url'), () => {});
  return runSweep(sweep, { out, runner, onProgress: ({ done }) => onDone(done) });
}
