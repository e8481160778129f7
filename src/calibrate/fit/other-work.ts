import type { Observation } from '../observation.js';
import { timeUs } from './phases.js';

/** Loads so sparse that what their own requests take of the cores is little. */
const MOST_REQUESTS_PER_S = 100;
/** Less is what any machine does besides. */
const LEAST_CORES = 0.25;

/**
 * Cores of the server's machine that something else kept busy all the while: what was used in the sparse loads, less their client
 * and the inferences that computed. Of several loads the least; 0 where it is little, or nothing was counted.
 * @param computing models whose inferences compute; left out: all, so that it is no more than there was
 */
export function otherWorkCores(
  observations: readonly Observation[],
  computing?: ReadonlySet<string>,
): number {
  const cores = observations.flatMap(({ experiment, cpu, clients, statistics, durationS }) => {
    const requests = clients.reduce((sum, { completed }) => sum + completed, 0);
    if (experiment.kind !== 'alone' || cpu === undefined || requests > MOST_REQUESTS_PER_S * durationS)
      return [];
    const computed = statistics.filter(({ model }) => computing?.has(model) ?? true);
    return [(cpu.machineS - cpu.clientS - timeUs(computed, ['inferUs']) / 1e6) / durationS];
  });
  const least = Math.min(...cores);
  return cores.length > 0 && least >= LEAST_CORES ? least : 0;
}
