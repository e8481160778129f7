import type { Cooling } from './profile.js';

/** How many times an idle time counts as doubled. */
export function idleDoublings(
  { fromMs, maxIdleMs }: Pick<Cooling, 'fromMs' | 'maxIdleMs'>,
  idleMs: number,
): number {
  return Math.log2(1 + Math.max(0, Math.min(idleMs, maxIdleMs)) / fromMs);
}
