import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isRunning, type ProcessId } from './processes.js';

/** Runs `work` while no other process holds the lock; `onWait` is called once when it must be waited for. */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    if (!told) onWait();
    told = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Takes the lock if nobody holds it. */
function take(file: string): boolean {
  const state = stateOf(file);
  if (state === 'free') return putName(file, linkSync);
  return state === 'left' && takeOver(file);
}

/**
 * Takes a lock that a dead process has left. Of those who see that, one at a time goes on, under a lock of its own (which may be
 * left in turn), and looks again: as only he may replace what was left, nobody takes another's living lock for it.
 */
function takeOver(file: string): boolean {
  const guard = `${file}.takeover`;
  if (!take(guard)) return false;
  try {
    return stateOf(file) === 'left' && putName(file, renameSync);
  } finally {
    rmSync(guard, { force: true });
  }
}

/**
 * Puts this process' name into the lock, whole from the first moment: one that is still empty would be taken for left.
 * @param put links, which fails where there is a lock, or renames, which replaces it
 */
function putName(file: string, put: (from: string, to: string) => void): boolean {
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    put(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** A holder that has died, or whose name cannot be read, has left the lock. */
function stateOf(file: string): 'free' | 'held' | 'left' {
  try {
    return isRunning(JSON.parse(readFileSync(file, 'utf8')) as ProcessId) ? 'held' : 'left';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'free' : 'left';
  }
}
