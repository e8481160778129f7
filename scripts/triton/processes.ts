import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names a process for good: numbers are used again, a number with its start time is not. */
export interface ProcessId {
  readonly pid: number;
  /** In clock ticks since the machine started. */
  readonly startTicks: number;
}

/** Undefined when there is no such process, or one that has ended and only waits to be noticed. */
export function identify(pid: number): ProcessId | undefined {
  try {
    // The name, in parentheses, may hold spaces; after it come state (field 3) and start time (field 22).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : { pid, startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

export function isRunning({ pid, startTicks }: ProcessId): boolean {
  return identify(pid)?.startTicks === startTicks;
}

/**
 * Ends a process that leads a group: asks it to, and after `graceMs` kills it. Then kills what is left of its
 * group. Resolves to whether it had to be killed.
 */
export async function endProcessGroup(id: ProcessId, graceMs: number): Promise<boolean> {
  if (isRunning(id)) process.kill(id.pid, 'SIGTERM');
  const ended = await waitUntil(() => !isRunning(id), graceMs);
  killGroup(id.pid);
  if (!ended) await waitUntil(() => !isRunning(id), KILL_MS);
  return !ended;
}

const KILL_MS = 5000;

/** Kills every process of a group, at once. */
export function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/** The processes whose command line satisfies `matches`. */
export function findProcesses(matches: (words: readonly string[]) => boolean): ProcessId[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => matches(commandLine(name)))
    .flatMap((name) => identify(Number(name)) ?? []);
}

/** Resolves to whether the condition came true within the time. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
