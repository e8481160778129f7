import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { sweepCommand } from '../../../src/cli/commands/sweep.js';
import { workerCommand } from '../../../src/cli/commands/worker.js';
import { requireRedisPackages } from '../../../src/node/sweep/redis/packages.js';
import { runCommand } from '../../cli/in-process.js';

type Resolve = (name: string, ...rest: unknown[]) => string;
const node = Module as unknown as { _resolveFilename: Resolve };
const resolve = node._resolveFilename;

afterEach(() => {
  node._resolveFilename = resolve;
});

/** As if they had never been installed. */
function hide(...packages: readonly string[]): void {
  node._resolveFilename = function (name, ...rest) {
    if (!packages.includes(name)) return resolve.call(this, name, ...rest);
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  };
}

const ADDRESS = 'redis://localhost:1';

describe('the packages that only a Redis needs', () => {
  it.each([
    [['bullmq', 'ioredis'], 'bullmq and ioredis, which are not installed'],
    [['ioredis'], 'ioredis, which is not installed'],
  ])('without %j sweep and worker say what to install, before anything runs', async (names, missing) => {
    hide(...names);
    const message = (option: string) =>
      `${option}: a Redis needs ${missing}; run npm install bullmq@6 ioredis@5 where perseus is installed\nperseus: one problem; nothing was written\n`;
    const worker = await runCommand(workerCommand as CommandModule, ['worker', ADDRESS]);
    expect([worker.code, worker.stderr]).toEqual([2, message('redis')]);
    const words = ['sweep', 'examples/sweeps/colocation.yaml', '--engine', ADDRESS];
    const sweep = await runCommand(sweepCommand, words);
    expect([sweep.code, sweep.stderr.replace(/^.* points checked.*\n/gm, '')]).toEqual([
      2,
      message('--engine'),
    ]);
  });

  it('are found where they are installed, in the versions that the message names', () => {
    expect(() => requireRedisPackages('--engine')).not.toThrow();
    const { peerDependencies, peerDependenciesMeta, dependencies, devDependencies } = JSON.parse(
      readFileSync('package.json', 'utf8'),
    );
    expect(peerDependencies).toEqual({
      bullmq: expect.stringMatching(/^\^6\./),
      ioredis: expect.stringMatching(/^\^5\./),
    });
    for (const name of Object.keys(peerDependencies)) {
      expect(peerDependenciesMeta[name], name).toEqual({ optional: true });
      expect(dependencies[name], name).toBeUndefined();
      expect(`^${devDependencies[name]}`, name).toBe(peerDependencies[name]);
    }
  });
});
