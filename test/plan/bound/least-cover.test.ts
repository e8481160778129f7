import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExecutionWindow, leastCover } from '../../../src/plan/bound/least-cover.js';
import { cases } from '../../support/cases.js';

const drawn = fc.record({
  gaps: fc.array(fc.constantFrom(0, 1, 1, 2, 3, 5, 9), { minLength: 1, maxLength: 10 }),
  windows: fc.uniqueArray(
    fc.record({ us: fc.integer({ min: 0, max: 12 }), executions: fc.constantFrom(1, 2) }),
    {
      minLength: 1,
      maxLength: 2,
      selector: ({ executions }) => executions,
    },
  ),
  each: fc.constantFrom(Infinity, 1, 0.5),
  leftOut: fc.integer({ min: 0, max: 4 }),
});

function arrivalsOf({ gaps }: { readonly gaps: readonly number[] }): Float64Array {
  let at = 0;
  return Float64Array.from(gaps, (gap) => {
    at += gap;
    return at;
  });
}

/** Tries every choice of what is left out, and every window for what is not. */
function cheapestOfAll(
  arrivals: readonly number[],
  leftOut: number,
  windows: readonly ExecutionWindow[],
  each: number,
): number {
  const [first, ...rest] = arrivals;
  if (first === undefined) return 0;
  const inWindows = windows.map(
    ({ us, executions }) =>
      executions +
      cheapestOfAll(
        rest.filter((other) => other - first > us),
        leftOut,
        windows,
        each,
      ),
  );
  const without = leftOut > 0 ? cheapestOfAll(rest, leftOut - 1, windows, each) : Infinity;
  return Math.min(...inWindows, without, each + cheapestOfAll(rest, leftOut, windows, each));
}

describe('the fewest executions that hold arrivals in windows', () => {
  it('are never more than the best choice takes, and as many where nothing is left out', () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const { windows, each, leftOut } = draw;
        const arrivals = arrivalsOf(draw);
        const least = cheapestOfAll([...arrivals], leftOut, windows, each);
        const found = leastCover(arrivals, leftOut, windows, each);
        expect(found).toBeLessThanOrEqual(least + 1e-9);
        if (leftOut === 0) expect(found).toBeCloseTo(least, 9);
      }),
      { numRuns: cases(500) },
    );
  });

  it('are hardly fewer than that where some are left out', () => {
    const gaps = Array.from({ length: 60 }, (_, i) => (i % 7) * (i % 3));
    const arrivals = arrivalsOf({ gaps });
    const windows = [{ us: 10, executions: 2 }];
    const pairs = (leftOut: number) => leastCover(arrivals, leftOut, windows, 1);
    for (const leftOut of [1, 3, 6]) {
      expect(pairs(leftOut)).toBeGreaterThan(fewestByTable(arrivals, leftOut, windows[0]!.us) - 2);
      expect(pairs(leftOut)).toBeLessThanOrEqual(fewestByTable(arrivals, leftOut, windows[0]!.us));
    }
  });
});

/** By what is left and how many may still be left out: two for a window, one for an arrival by itself. */
function fewestByTable(arrivals: Float64Array, leftOut: number, us: number): number {
  const known = new Map<string, number>();
  const from = (i: number, may: number): number => {
    if (i >= arrivals.length) return 0;
    const key = `${i} ${may}`;
    if (!known.has(key)) {
      const after = arrivals.findIndex((other) => other - arrivals[i]! > us);
      const inPair = 2 + from(after < 0 ? arrivals.length : after, may);
      known.set(key, Math.min(inPair, 1 + from(i + 1, may), may > 0 ? from(i + 1, may - 1) : Infinity));
    }
    return known.get(key)!;
  };
  return from(0, leftOut);
}
