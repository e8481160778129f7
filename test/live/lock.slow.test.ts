import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startWorker } from '../../src/live/load/start-worker.js';
import type { LockWork } from './support/lock-worker.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEAD = JSON.stringify({ pid: 999_999_999, startTicks: 1 });
const LOCKS = 300;
const THREADS = 4;

/** How many were under each lock at once, where threads take those of which these files were left, by what follows their name. */
async function mostAtOnce(left: Readonly<Record<string, string>>): Promise<number[]> {
  for (let i = 0; i < LOCKS; i++) {
    for (const [ending, text] of Object.entries(left))
      writeFileSync(join(folder, `${i}.lock${ending}`), text);
  }
  const memory = new SharedArrayBuffer(4 * (2 * LOCKS + 1));
  const workerData: LockWork = { folder, locks: LOCKS, threads: THREADS, memory };
  const ends = Array.from({ length: THREADS }, async () => {
    const worker = await startWorker('support/lock-worker', import.meta.url, workerData);
    await once(worker, 'exit');
  });
  await Promise.all(ends);
  const counts = new Int32Array(memory);
  return Array.from({ length: LOCKS }, (_, i) => counts[2 * i + 1]!);
}

it.each([
  ['a dead holder', { '': DEAD }],
  ['one that was stopped while it wrote', { '': '' }],
  ['a dead holder, and another that died while he took it over', { '': DEAD, '.takeover': DEAD }],
])('a lock that was left by %s is taken by one at a time of those who wait for it', async (_, left) => {
  expect((await mostAtOnce(left)).filter((most) => most !== 1)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
