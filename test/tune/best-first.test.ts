import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestFirst, differInValue, OBJECTIVES, type Score } from '../../src/plan/tune/score.js';
import { cases } from '../support/cases.js';

const entry = (value: number, tailMs: number, shortfall = 0) => ({ score: { shortfall, value, tailMs } });

describe('the best of few candidates', () => {
  it('is the one with the shortest tail among those within half a percent of the best value', () => {
    // 11.92 and 11.9067 differ by 0.11 %, but lie in two half percents of a logarithmic scale.
    const [first, second, third] = bestFirst(
      [entry(11.92, 165), entry(11.9067, 147), entry(11.8, 100)],
      'throughput',
    );
    expect(first!.score.tailMs).toBe(147);
    expect(second!.score.tailMs).toBe(165);
    expect(third!.score.tailMs).toBe(100);
  });

  it('meets its SLOs where another one violates them, whatever their values', () => {
    const [first] = bestFirst([entry(200, 10, 0.01), entry(100, 20)], 'throughput');
    expect(first!.score.shortfall).toBe(0);
  });

  it('has the lowest value where that is better', () => {
    const [first] = bestFirst([entry(2, 10), entry(1, 20)], 'cost');
    expect(first!.score.value).toBe(1);
  });

  it('is no worse than any other: not in what it promises, not by half a percent, and not by its tail at the same value', () => {
    const value = fc.oneof(
      fc.constantFrom(0, 100, 100.3, 100.6, Number.POSITIVE_INFINITY),
      fc.double({ min: 1, max: 1000, noNaN: true }),
    );
    const score: fc.Arbitrary<Score> = fc.record({
      shortfall: fc.constantFrom(0, 0, 0.1),
      value,
      tailMs: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
    });
    const property = fc.property(
      fc.constantFrom(...OBJECTIVES),
      fc.array(
        score.map((each) => ({ score: each })),
        { minLength: 1, maxLength: 6 },
      ),
      (objective, entries) => {
        const order = bestFirst(entries, objective);
        expect(new Set(order)).toEqual(new Set(entries));
        const best = order[0]!.score;
        const lowerIsBetter = objective === 'cost' || objective === 'latency';
        for (const { score: other } of entries) {
          expect(best.shortfall).toBeLessThanOrEqual(other.shortfall);
          if (other.shortfall > best.shortfall) continue;
          if (differInValue(best, other)) {
            if (lowerIsBetter) expect(best.value).toBeLessThan(other.value);
            else expect(best.value).toBeGreaterThan(other.value);
          }
          if (best.value === other.value) expect(best.tailMs).toBeLessThanOrEqual(other.tailMs);
        }
      },
    );
    fc.assert(property, { numRuns: cases(500) });
  });
});
