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
