import type { Piece } from './placement.js';
import type { Survive } from './spec.js';

/** To survive a loss there must be another replica. */
export function leastReplicas(survive: Survive): number {
  return survive === 'nothing' ? 1 : 2;
}

/** Replicas that share the load when it matters: those left after a loss, where one is to be survived. */
export function sharersOf(
  survive: Survive,
  { replicas, lostAtOnce = 1 }: Pick<Piece, 'replicas' | 'lostAtOnce'>,
): number {
  return survive === 'nothing' ? replicas : Math.max(1, replicas - lostAtOnce);
}

/** Most replicas of a piece's model on one GPU or machine that may be lost; Infinity where none may. */
export function mostTogether(survive: Survive, { lostAtOnce = 1 }: Pick<Piece, 'lostAtOnce'>): number {
  return survive === 'nothing' ? Infinity : lostAtOnce;
}

/**
 * Ways to have `needed` replicas left after a loss, most spread first: `needed + k` of them, at most k on
 * each GPU or machine that may be lost. The larger k, the fewer of those it takes; given are the k with
 * which fewer do, up to the number that one of them holds.
 */
export function spreadPatterns(
  needed: number,
  mostOnOne: number,
): { readonly replicas: number; readonly lostAtOnce: number }[] {
  const together = Array.from({ length: needed }, (_, i) => Math.ceil(needed / (needed - i)));
  return [...new Set(together)]
    .filter((lostAtOnce) => lostAtOnce === 1 || lostAtOnce <= mostOnOne)
    .map((lostAtOnce) => ({ replicas: needed + lostAtOnce, lostAtOnce }));
}
