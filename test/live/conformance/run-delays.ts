import { readdirSync, readFileSync } from 'node:fs';

/** How long threads have been kept waiting for a processor, as Linux counts it. */
export interface RunDelays {
  /** Of the thread that has waited longest since then, in milliseconds; 0 where the system does not count it. */
  longestSinceMs(): number;
}

/** Begins to count for all threads of these processes. */
export function readRunDelays(pids: readonly number[]): RunDelays {
  const before = delaysByThread(pids);
  return {
    longestSinceMs() {
      const after = delaysByThread(pids);
      return Math.max(0, ...[...after].map(([thread, ms]) => ms - (before.get(thread) ?? ms)));
    },
  };
}

function delaysByThread(pids: readonly number[]): Map<string, number> {
  const threads = [...new Set(pids)].flatMap((pid) =>
    entries(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`),
  );
  return new Map(threads.map((file) => [file, waitedMs(file)]));
}

/** A process or thread may have ended since it was listed. */
function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Time on a processor, time waiting for one, turns: the first two in nanoseconds. */
function waitedMs(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
