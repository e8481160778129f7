import type { ModelProfile } from './profile.js';

/** Device kind under which profiles of the host CPU are filed. */
export const CPU_KIND = 'CPU';

/**
 * Whether a profile says what its executions take of the host's cores. None at all is an answer where the server itself was
 * measured: a model may only wait. Tables and counters of others do not tell.
 */
export function knowsCores({ hostCores, serving }: ModelProfile): boolean {
  return serving?.requestCpuUs !== undefined || Object.values(hostCores).some((cores) => cores > 0);
}

/**
 * Whether it is known of models on the cores of a host which of them compute there: one says that it does, or was calibrated on the
 * server's own machine, which counts what executions take. What such models cost each other beyond the cores that they share is
 * nothing where it was not measured.
 */
export function isKnownWhoComputes(profiles: readonly ModelProfile[]): boolean {
  return profiles.some(({ hostCores, serving }) => hostCores.infer > 0 || serving?.cpuCores !== undefined);
}
