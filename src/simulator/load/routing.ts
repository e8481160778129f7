import type { Random } from '../../base/random.js';
import type { Routing } from '../../scenario/scenario.js';

/** What a router knows when it chooses. */
export interface RouterState {
  /** How many requests it has sent so far. */
  readonly sent: number;
  /** Requests sent and not yet answered, by target. */
  readonly outstanding: ArrayLike<number>;
}

/**
 * The target of the next request: an index into the tenant's targets.
 *
 * - `roundRobin`: one after the other.
 * - `random`: uniformly.
 * - `leastOutstanding`: fewest unanswered requests; among equals the next in turn.
 * - `powerOfTwo`: the better of two different targets drawn at random; the first drawn if equal
 *   (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001).
 */
export function chooseTarget(routing: Routing, targets: number, state: RouterState, random: Random): number {
  if (targets === 1) return 0;
  switch (routing) {
    case 'roundRobin':
      return state.sent % targets;
    case 'random':
      return random.nextInt(targets);
    case 'leastOutstanding':
      return leastOutstanding(targets, state);
    case 'powerOfTwo': {
      const first = random.nextInt(targets);
      const second = (first + 1 + random.nextInt(targets - 1)) % targets;
      return state.outstanding[second]! < state.outstanding[first]! ? second : first;
    }
  }
}

function leastOutstanding(targets: number, state: RouterState): number {
  const start = state.sent % targets;
  let best = start;
  for (let step = 1; step < targets; step++) {
    const candidate = (start + step) % targets;
    if (state.outstanding[candidate]! < state.outstanding[best]!) best = candidate;
  }
  return best;
}
