import type { Serving } from '../profile/serving.js';
import type { HostThreadWaits, Server } from './scenario.js';

/** As measured, where the cores are known of which executions take some. */
export function threadWaitsOf(
  serving: Serving | undefined,
  cores = serving?.cpuCores,
): { readonly threadWaits?: HostThreadWaits } {
  const waits = serving?.threadWaits;
  return waits === undefined || waits.share === 0 || cores === undefined
    ? {}
    : { threadWaits: { ...waits, cores } };
}

/** Whether any execution on the host of this server makes its threads wait. */
export function delaysThreads({ options, models }: Server): boolean {
  return (
    options.threadWaits !== undefined &&
    models.some(({ instances }) => instances.some(({ profile }) => profile.hostCores.infer > 0))
  );
}
