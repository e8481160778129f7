import type { Serving } from '../profile/serving.js';
import type { HostWakeWaits, Server } from './scenario.js';

/** As measured, where the cores are known for which threads wait. */
export function wakeWaitsOf(
  serving: Serving | undefined,
  cores = serving?.cpuCores,
): { readonly wakeWaits?: HostWakeWaits } {
  const burstUs = serving?.wakeBurstUs;
  return burstUs === undefined || burstUs === 0 || cores === undefined
    ? {}
    : { wakeWaits: { burstUs, cores } };
}

/** Whether requests to this server keep its cores busy enough that it is known how their threads wait for each other. */
export function wakesThreads({ options, models }: Server): boolean {
  return (
    options.wakeWaits !== undefined &&
    models.some(({ requestCpuUs = 0, executionCpuUs = 0 }) => requestCpuUs + executionCpuUs > 0)
  );
}
