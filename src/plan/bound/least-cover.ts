/** So many executions hold what lies in one window of that length. */
export interface ExecutionWindow {
  readonly us: number;
  readonly executions: number;
}

/** Prices that are tried for an arrival left out. */
const PRICES_TRIED = 12;

/**
 * Executions it takes at least until every arrival but `leftOut`, whichever these are, lies in a window, or is held by itself
 * for `each`. What is left out has a price instead, of which as much is taken off as all that may be left out would cost:
 * whatever the price, no choice comes to less (Lagrangian relaxation).
 */
export function leastCover(
  ascending: Float64Array,
  leftOut: number,
  windows: readonly ExecutionWindow[],
  each = Infinity,
): number {
  const held = windows.map(({ us, executions }) => ({ executions, ends: windowEnds(ascending, us) }));
  if (leftOut <= 0) return cheapestCover(ascending.length, held, { each, left: Infinity }).cost;
  let most = 0;
  let low = 0;
  let high = Math.min(each, ...windows.map(({ executions }) => executions));
  for (let i = 0; i < PRICES_TRIED; i++) {
    const price = (low + high) / 2;
    const { cost, left } = cheapestCover(ascending.length, held, { each, left: price });
    most = Math.max(most, cost - price * leftOut);
    if (left > leftOut) low = price;
    else high = price;
  }
  return most;
}

/** Of each arrival the first one after the window that it opens. */
function windowEnds(ascending: Float64Array, us: number): Int32Array {
  const ends = new Int32Array(ascending.length);
  let end = 0;
  for (const [i, openedUs] of ascending.entries()) {
    while (end < ascending.length && ascending[end]! - openedUs <= us) end++;
    ends[i] = end;
  }
  return ends;
}

interface Held {
  readonly executions: number;
  readonly ends: Int32Array;
}

/** From the last arrival to the first: the least that it and all after it cost, and how many of them are left out. */
function cheapestCover(count: number, held: readonly Held[], prices: { each: number; left: number }) {
  const costs = new Float64Array(count + 1);
  const lefts = new Int32Array(count + 1);
  for (let i = count - 1; i >= 0; i--) {
    const isLeft = prices.left < prices.each;
    costs[i] = costs[i + 1]! + Math.min(prices.left, prices.each);
    lefts[i] = lefts[i + 1]! + (isLeft ? 1 : 0);
    for (const { executions, ends } of held) {
      const end = ends[i]!;
      if (executions + costs[end]! > costs[i]!) continue;
      costs[i] = executions + costs[end]!;
      lefts[i] = lefts[end]!;
    }
  }
  return { cost: costs[0]!, left: lefts[0]! };
}
