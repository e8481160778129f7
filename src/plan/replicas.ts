import type { ModelReplica } from './placement.js';
import type { Survive } from './spec.js';

/** To survive a failure there must be another replica. */
export function leastReplicas(survive: Survive): number {
  return survive === 'nothing' ? 1 : 2;
}

/** Replicas that share the load when it matters: those left after a failure, where one is to be survived. */
export function sharersOf(
  survive: Survive,
  { replicas, perFaultDomain = 1 }: Pick<ModelReplica, 'replicas' | 'perFaultDomain'>,
): number {
  return survive === 'nothing' ? replicas : Math.max(1, replicas - perFaultDomain);
}

/** Most replicas of a replica's model on one GPU or machine that may be lost; Infinity where none may. */
export function mostTogether(
  survive: Survive,
  { perFaultDomain = 1 }: Pick<ModelReplica, 'perFaultDomain'>,
): number {
  return survive === 'nothing' ? Infinity : perFaultDomain;
}

/**
 * Ways to have `needed` replicas left after a failure, most spread first: `needed + k` of them, at most k on
 * each GPU or machine that may be lost. The larger k, the fewer of those it takes; given are the k with
 * which fewer do, up to the number that one of them holds.
 */
export function spreadPatterns(
  needed: number,
  mostOnOne: number,
): { readonly replicas: number; readonly perFaultDomain: number }[] {
  const together = Array.from({ length: needed }, (_, i) => Math.ceil(needed / (needed - i)));
  return [...new Set(together)]
    .filter((perFaultDomain) => perFaultDomain === 1 || perFaultDomain <= mostOnOne)
    .map((perFaultDomain) => ({ replicas: needed + perFaultDomain, perFaultDomain }));
}
