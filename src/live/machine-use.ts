import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { isOnThisMachine } from './load/pacing.js';
import { serverTimes, takenBetween } from './server-processes.js';

/** Time of the cores that was used, seconds. */
export interface CpuUse {
  /** Used by everything on the machine. */
  readonly machineS: number;
  /** Used by the process that sends the load. */
  readonly clientS: number;
  /** Used by the server's processes. Absent where they cannot be told from others. */
  readonly serverS?: number;
}

/** Cores below which what else works on a machine counts as nothing: any machine does that much besides. */
export const BUSY_CORES = 0.25;

/**
 * Begins to count the core time that is used on this machine; what it returns ends it.
 * @param urls addresses of its servers
 */
export function countCpu(urls: readonly string[]): () => CpuUse {
  const before = used();
  const serversBefore = serverTimes(urls);
  return () => {
    const use = usedSince(before);
    const servers = serverTimes(urls);
    return { ...use, ...(servers && serversBefore && { serverS: takenBetween(serversBefore, servers) }) };
  };
}

function usedSince(before: CpuUse): CpuUse {
  const now = used();
  return { machineS: now.machineS - before.machineS, clientS: now.clientS - before.clientS };
}

/** Since the machine was started, and since this process was. */
function used(): CpuUse {
  const machineMs = cpus().reduce(
    (sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq,
    0,
  );
  const { user, system } = process.cpuUsage();
  return { machineS: machineMs / 1000, clientS: (user + system) / 1e6 };
}

/** What neither the server nor the process that sends the load used, seconds; undefined where the server's cannot be told. */
export function usedByOthersS({ machineS, clientS, serverS }: CpuUse): number | undefined {
  return serverS === undefined ? undefined : Math.max(0, machineS - clientS - serverS);
}

/** Shorter times say nothing: the kernel counts in hundredths of a second. */
const LEAST_WATCH_S = 1;

/**
 * Begins to watch what else works on this machine; what it returns tells how many cores that kept busy, undefined where it
 * cannot be told.
 * @param urls addresses of the servers that are loaded
 */
export function watchOthers(urls: readonly string[]): () => number | undefined {
  const local = urls.filter(isOnThisMachine);
  if (local.length === 0) return () => undefined;
  const [counted, startMs] = [countCpu(local), performance.now()];
  return () => {
    const seconds = (performance.now() - startMs) / 1000;
    const othersS = usedByOthersS(counted());
    return seconds < LEAST_WATCH_S || othersS === undefined ? undefined : othersS / seconds;
  };
}

/** Long enough for the kernel's hundredths of a second to say something, short enough to be taken before every load. */
const LOOK_MS = 100;

/** Cores that something but this process keeps busy, while it sends nothing. */
export async function busyCores(): Promise<number> {
  const [before, startMs] = [used(), performance.now()];
  await pause(LOOK_MS);
  const { machineS, clientS } = usedSince(before);
  return Math.max(0, (1000 * (machineS - clientS)) / (performance.now() - startMs));
}
