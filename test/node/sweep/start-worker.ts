import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** A worker in a process of its own; resolves when it is connected. */
export function startWorker(url: string): Promise<ChildProcess> {
  const file = join(import.meta.dirname, 'redis-worker-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', file, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve) => child.stdout.once('data', () => resolve(child)));
}
