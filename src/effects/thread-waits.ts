import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn, removed, unscaled } from './effect.js';
import type { HostCoresFields } from './host-cores.js';
import { anyProfile, type ServerSide } from './server-side.js';
import { us } from './values.js';

/**
 * Schedulers leave a core to the thread that computes on it for some milliseconds, and wake others there although
 * another core is free: of the threads that wake while executions compute on all cores but one, `share` wait,
 * for anything up to `longestUs` (uniform).
 */
export type ThreadWaits = NonNullable<ThreadWaitFields['threadWaits']>;

/** What threads of a server wait for cores on which executions compute, of so many cores. */
export interface HostThreadWaits extends ThreadWaits {
  readonly cores: number;
}

const schema = {
  threadWaits: z
    .strictObject({
      share: z.number().min(0).max(1).describe('Share of them'),
      longestUs: us.describe('How long at most'),
    })
    .exactOptional()
    .describe('Share of the threads that wait for a core which an execution holds, and how long at most'),
};

export type ThreadWaitFields = FieldsIn<typeof schema>;

/** Threads that wake wait for a core on which an execution computes. */
export const threadWaits = effect({
  name: 'thread-waits',
  schema,
  couples: (server) => (delaysThreads(server) ? 'time' : undefined),
});

export const threadWaitsStudy = {
  describe: ({ threadWaits: waits }) => [
    ['waking threads that wait for a core (%)', 100 * (waits?.share ?? 0)],
    ['their longest wait (us)', waits?.longestUs ?? 0],
  ],
  // The kernel's time slice does not grow with the work.
  scale: unscaled,
  none: removed,
  least: asEver,
  cause: {
    code: 'thread-waits',
    text: 'threads that wake wait for a core on which an execution computes; if none waited',
  },
  resolved: { none: withoutWaits, least: asEver },
} as const satisfies EffectStudy<ThreadWaitFields>;

/** As measured, where the cores are known of which executions take some. */
export function threadWaitsOf(
  serving: (ThreadWaitFields & { readonly cpuCores?: number }) | undefined,
  cores = serving?.cpuCores,
): { readonly threadWaits?: HostThreadWaits } {
  const waits = serving?.threadWaits;
  return waits === undefined || waits.share === 0 || cores === undefined
    ? {}
    : { threadWaits: { ...waits, cores } };
}

/** Whether any execution on the host of this server makes its threads wait. */
export function delaysThreads(server: ServerSide): boolean {
  return (
    server.options.threadWaits !== undefined &&
    anyProfile(server as ServerSide<HostCoresFields>, ({ hostCores }) => hostCores.infer > 0)
  );
}

function withoutWaits<Side extends ServerSide>(server: Side): Side {
  const { threadWaits: _, ...options } = server.options;
  return { ...server, options };
}
