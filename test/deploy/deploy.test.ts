import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { RedisServer, whyNoRedis } from '../node/sweep/redis-server.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (path: string) => readFileSync(`${root}deploy/${path}`, 'utf8');

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly template?: {
      readonly spec: {
        readonly securityContext?: { readonly fsGroup?: number };
        readonly volumes?: readonly { readonly persistentVolumeClaim?: object }[];
      };
    };
  };
}

describe('what deploy/ holds', () => {
  test.each(['kubernetes/shards.yaml', 'kubernetes/redis-workers.yaml'])(
    '%s: a pod that writes into a volume may do so, as the user of the image',
    (path) => {
      // Volumes belong to root; node is user and group 1000 in the images of Node.
      expect(textOf('Dockerfile')).toMatch(/^USER node$/m);
      const pods = parseAllDocuments(textOf(path)).flatMap((document) => {
        const { spec } = document.toJS() as Manifest;
        return spec.template === undefined ? [] : [spec.template.spec];
      });
      const writers = pods.filter(({ volumes = [] }) =>
        volumes.some((volume) => volume.persistentVolumeClaim !== undefined),
      );
      expect(writers.length).toBeGreaterThan(0);
      for (const { securityContext } of writers) expect(securityContext?.fsGroup).toBe(1000);
    },
  );

  const noRedis = whyNoRedis();
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
