import type { Trace } from '../trace/trace.js';

/**
 * Two models that are measured together get requests in turns of a second: both, the one alone, the other
 * alone, and again. A machine whose speed drifts is so as fast in what is compared.
 */
export const TURNS = ['both', 'first', 'second'] as const;
export type Turn = (typeof TURNS)[number];
export const TURN_S = 1;
const CYCLE_S = TURN_S * TURNS.length;
/** Part of the time in which each of the two gets requests. */
export const SHARE_OF_TURNS = 2 / TURNS.length;

/** What is measured in the turn of this number. */
export function turnOf(index: number): Turn {
  return TURNS[index % TURNS.length]!;
}

/** Number of the turn in which something happens. */
export function turnIndex(us: number): number {
  return Math.floor(us / 1e6 / TURN_S);
}

export function turnAt(us: number): Turn {
  return turnOf(turnIndex(us));
}

/** The longest time within `longestS` that is whole cycles; one at least. */
export function wholeCycles(longestS: number): number {
  return Math.max(1, Math.floor(longestS / CYCLE_S)) * CYCLE_S;
}

/** The arrivals of one of the two: those in its turns. */
export function arrivalsInTurns(trace: Trace, own: 'first' | 'second'): Trace {
  const arrivalUs = trace.arrivalUs.filter((us) => {
    const turn = turnAt(us);
    return turn === 'both' || turn === own;
  });
  return { ...trace, arrivalUs, tenant: new Uint16Array(arrivalUs.length) };
}
