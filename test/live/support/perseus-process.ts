import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { waitUntil } from '../../../scripts/triton/processes.js';
import { PERSEUS } from '../../cli/small-scenario.js';

const ROOT = join(import.meta.dirname, '../../..');

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line of perseus in a process of its own, which tests disturb. */
export interface PerseusProcess {
  readonly ended: Promise<Ended>;
  /** Resolves when stderr says it; fails the test when the process ends before. */
  says(what: RegExp): Promise<void>;
  saysOrEnds(what: RegExp): Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

/** As it was compiled before the tests (`test/support/compile.ts`). */
export function startPerseus(words: readonly string[]): PerseusProcess {
  const child = spawn(process.execPath, [...PERSEUS, ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = collect(child.stdout!);
  const stderr = collect(child.stderr!);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined, stdout: stdout(), stderr: stderr() }),
    );
  });
  killWithUs(child, ended);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    ended,
    says: async (what) => {
      await waitUntil(() => what.test(stderr()) || hasEnded(), 60_000);
      expect(stderr()).toMatch(what);
    },
    saysOrEnds: (what) => waitUntil(() => what.test(stderr()) || hasEnded(), 60_000),
    kill: (signal) => child.kill(signal),
  };
}

export function runPerseus(...words: string[]): Promise<Ended> {
  return startPerseus(words).ended;
}

/**
 * Expects that a command failed with one error, the last thing it says, which names cause and remedy; progress
 * and warnings may come before. Mistakes in the input (exit code 2) are told before a line that counts them.
 */
export function expectOneError({ code, stderr }: Ended, what: RegExp, exitCode: 1 | 2 = 1): void {
  expect(stderr).not.toMatch(/this is a bug|^\s+at /m);
  const lines = stderr.trimEnd().split('\n');
  if (exitCode === 2) expect(lines.pop()).toBe('perseus: one problem; nothing was written');
  const error = lines.pop() ?? '';
  expect(error).toMatch(what);
  expect(error).toMatch(/; \S/);
  if (exitCode === 1) expect(error).toMatch(/^perseus: /);
  expect(lines.filter((line) => line.startsWith('perseus: '))).toEqual([]);
  expect(code).toBe(exitCode);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  return () => text;
}

/** A test that fails must leave nothing running. */
function killWithUs(child: ChildProcess, ended: Promise<unknown>): void {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void ended.finally(() => process.off('exit', kill)).catch(() => undefined);
}
