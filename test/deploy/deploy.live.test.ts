import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RedisServer, whyNoRedis } from '../node/sweep/redis-server.js';
import { manifestsOf, root, textOf } from './deploy-files.js';

describe('what deploy/ holds, with a Redis', () => {
  const noRedis = whyNoRedis();
  test.skipIf(noRedis !== undefined).each(['compose', 'Kubernetes'])(
    `the Redis of %s answers with its password only, which no list of processes shows${noRedis === undefined ? '' : ` (${noRedis})`}`,
    async (where) => {
      const [, , script] =
        where === 'compose'
          ? parse(textOf('compose.yaml'), { merge: true }).services.redis.command
          : [
              '',
              '',
              manifestsOf('kubernetes/redis-workers.yaml')[2]!.spec.template!.spec.containers[0]!.args![0],
            ];
      // To compose $$ is a $.
      const redis = await RedisServer.startBy(script.replaceAll('$$', '$'), { REDIS_PASSWORD: 'geheim' });
      try {
        expect(redis.ask(['ping'])).toContain('NOAUTH');
        expect(redis.ask(['ping'], { REDISCLI_AUTH: 'geheim' })).toBe('PONG\n');
        expect(redis.commandLine()).toMatch(/redis-server/);
        expect(redis.commandLine()).not.toContain('geheim');
      } finally {
        await redis.end();
      }
    },
  );

  test.skipIf(noRedis !== undefined)(
    `a worker of a Slurm array ends in order on the signal that it gets before its time is up${noRedis === undefined ? '' : ` (${noRedis})`}`,
    { timeout: 60_000 },
    async () => {
      const script = 'deploy/slurm/workers.sbatch';
      // Without B: Slurm signals the steps of a job only, and this one has none.
      expect(textOf('slurm/workers.sbatch')).toMatch(/^#SBATCH --signal=B:TERM@60$/m);
      const redis = await RedisServer.start(false);
      try {
        const worker = spawn('bash', [script, redis.url], {
          cwd: root,
          env: { ...process.env, SLURM_CPUS_PER_TASK: '1' },
        });
        let said = '';
        const ready = new Promise<void>((resolve) => {
          for (const stream of [worker.stdout, worker.stderr]) {
            stream.on('data', (part: Buffer) => {
              said += part.toString();
              if (said.includes('waiting for points')) resolve();
            });
          }
        });
        await Promise.race([ready, once(worker, 'exit')]);
        worker.kill('SIGTERM');
        const [code] = await once(worker, 'close');
        expect(said).toContain('ended after 0 points');
        expect(code).toBe(0);
      } finally {
        await redis.end();
      }
    },
  );
});
