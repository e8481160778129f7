import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/base/problem.js';
import { STOPPING_SIGNALS } from '../../src/node/files/stopping-signals.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A checkout of another commit, for as long as it is used. */
export interface OtherCommit {
  readonly folder: string;
  readonly commit: string;
  /** Aborted when the process is asked to end: what runs in the folder must end then. */
  readonly signal: AbortSignal;
}

/**
 * Makes a worktree of a commit in a temporary folder, with the packages that are installed here, and removes it in the
 * end, also when the process is interrupted.
 * @throws InputError when git knows no such commit
 */
export async function withCommit<T>(rev: string, use: (other: OtherCommit) => Promise<T>): Promise<T> {
  const commit = commitOf(rev);
  const parent = mkdtempSync(join(tmpdir(), 'perseus-against-'));
  const folder = join(parent, 'tree');
  const stop = new AbortController();
  const remove = () => {
    // It is not there, or half there, where making it was cut short: then the folder goes all the same.
    tryGit('worktree', 'remove', '--force', '--force', folder);
    rmSync(parent, { recursive: true, force: true });
    tryGit('worktree', 'prune');
  };
  const interrupt = (signal: NodeJS.Signals) => {
    stop.abort();
    remove();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, interrupt);
  try {
    git('worktree', 'add', '--detach', '--quiet', folder, commit);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await use({ folder, commit: commit.slice(0, 12), signal: stop.signal });
  } finally {
    remove();
    for (const signal of STOPPING_SIGNALS) process.off(signal, interrupt);
  }
}

function commitOf(rev: string): string {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`).trim();
  } catch {
    throw InputError.of(
      `--against ${rev}: git knows no such commit here`,
      'name a commit that `git log` shows',
    );
  }
}

function git(...words: string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function tryGit(...words: string[]): void {
  try {
    git(...words);
  } catch {
    // Nothing to remove.
  }
}
