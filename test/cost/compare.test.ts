import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { costBreakdown } from '../../src/cost/breakdown.js';
import { compareCost, marginalCost } from '../../src/cost/compare.js';
import { buildSummary, type TenantDraft } from './summary-builder.js';

function costed(usdPerHour: number, tenants: readonly TenantDraft[]) {
  const summary = buildSummary(tenants, []);
  const machine = { server: 's', kind: 'machine', usdPerHour, source: 'test' };
  const penalties = tenants.map(({ name }) => ({ tenant: name, penaltyUsdPerHour: 10 }));
  return { summary, cost: costBreakdown(summary, [machine], penalties) };
}

describe('marginalCost', () => {
  const without = costed(1, [{ name: 'a', inferencesPerS: 100, met: true }]);

  it('is nothing for a tenant that fits onto what is there', () => {
    const shared = costed(1, [
      { name: 'a', inferencesPerS: 100, met: true },
      { name: 'b', inferencesPerS: 50, met: true },
    ]);
    expect(marginalCost('b', shared, without)).toEqual({
      tenant: 'b',
      usdPerHour: 0,
      penaltyUsdPerHour: 0,
      othersPenaltyUsdPerHour: 0,
      usdPerMillionInferences: 0,
    });
  });

  it('counts the machine that it needs and the SLO that it breaks for another', () => {
    const crowded = costed(1.5, [
      { name: 'a', inferencesPerS: 100, met: false },
      { name: 'b', inferencesPerS: 100, met: true },
    ]);
    const marginal = marginalCost('b', crowded, without);
    expect(marginal).toMatchObject({ usdPerHour: 0.5, penaltyUsdPerHour: 10, othersPenaltyUsdPerHour: 10 });
    expect(marginal.usdPerMillionInferences).toBeCloseTo(10.5 / 0.36, 9);
  });

  it('refuses runs that do not differ by the tenant', () => {
    expect(() => marginalCost('b', without, without)).toThrow(InputError);
    expect(() => marginalCost('a', without, without)).toThrow('still has it');
    const both = costed(
      1,
      ['a', 'b'].map((name) => ({ name, inferencesPerS: 1 })),
    );
    expect(() => marginalCost('a', both, both)).toThrow('still has it');
  });
});

describe('compareCost', () => {
  const placement = (name: string, usdPerHour: number, rates: readonly number[]) => ({
    name,
    runs: rates.map((rate) => costed(usdPerHour, [{ name: 'a', inferencesPerS: rate }]).cost),
  });

  it('calls the cheaper placement cheaper when every replication says so', () => {
    const today = placement('today', 2, [100, 101, 99, 100]);
    const shared = placement('shared', 1, [100, 100, 99, 99]);
    const { perHour, perMillionInferences, statement } = compareCost(today, shared);
    expect(perHour.difference.value).toBe(-1);
    expect(perMillionInferences.significant).toBe(true);
    expect(perMillionInferences.relativePercent).toBeCloseTo(-50, 0);
    expect(statement).toContain('cost per hour: shared is 1 USD (-50 %) lower than today');
  });

  it('counts the penalties: a cheaper machine that violates the SLO is the dearer placement', () => {
    const run = (usdPerHour: number, met: boolean) =>
      costed(usdPerHour, [{ name: 'a', inferencesPerS: 100, met }]).cost;
    const { perHour, perMillionInferences } = compareCost(
      { name: 'cheap', runs: [run(1, false), run(1, false)] },
      { name: 'dear', runs: [run(2, true), run(2, true)] },
    );
    expect(perHour.difference.value).toBe(2 - 11);
    expect(perMillionInferences.difference.value).toBeCloseTo((2 - 11) / 0.36, 9);
  });

  it('compares what costs nothing, unless penalties are due on it: by what they add is not known then', () => {
    const free = (met: boolean) => ({
      name: 'free',
      runs: [costed(0, [{ name: 'a', inferencesPerS: 100, met }]).cost],
    });
    const paid = placement('paid', 1, [100]);
    expect(compareCost(free(true), paid).perMillionInferences.difference.value).toBeCloseTo(1 / 0.36, 9);
    expect(compareCost(free(false), paid).perMillionInferences.difference.value).toBeNaN();
  });

  it('does not call a difference that the replications disagree about', () => {
    const { perMillionInferences } = compareCost(
      placement('a', 1, [90, 110, 100, 95]),
      placement('b', 1, [110, 92, 99, 97]),
    );
    expect(perMillionInferences.significant).toBe(false);
    expect(perMillionInferences.statement).toContain('do not differ significantly');
  });

  it('states the prices of the machines of a single run, and that it cannot tell more', () => {
    const { statement } = compareCost(placement('a', 1, [100]), placement('b', 2, [100]));
    expect(statement).toContain('Machines of a cost 1.000 USD per hour, those of b 2.000.');
    expect(statement).toContain('1 pair is too few');
  });

  it('refuses placements with different numbers of runs, or none', () => {
    expect(() => compareCost(placement('a', 1, [1]), placement('b', 1, [1, 2]))).toThrow(InputError);
    expect(() => compareCost(placement('a', 1, []), placement('b', 1, []))).toThrow(InputError);
  });
});
