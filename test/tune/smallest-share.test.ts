import { describe, expect, it } from 'vitest';
import { smallestShare } from '../../src/plan/tune/smallest-share.js';
import type { Load } from '../../src/scenario/scenario.js';
import { arrivals, ONE_CLIENT, poisson, scenario, tenant } from '../support/scenario.js';

/** Of a run of 100 s without warm-up. */
const shareFor = (...loads: readonly Load[]) =>
  smallestShare(
    scenario(
      [],
      loads.map((load, i) => tenant(`t${i}`, 'm', load)),
      100,
    ),
  );

/** So many requests, evenly spaced from then on. */
const steady = (fromS: number, ratePerS: number, count: number) =>
  arrivals(Array.from({ length: count }, (_, i) => Math.round(1e6 * (fromS + i / ratePerS))));

describe('the smallest part of a run that says something', () => {
  it('holds 200 requests of every open loop, and a little of a closed one', () => {
    expect(shareFor(steady(0, 100, 10_000))).toBeCloseTo(1 / 27, 6);
    expect(shareFor(steady(0, 10, 1000))).toBeCloseTo(0.2, 1);
    expect(shareFor(steady(0, 100, 10_000), steady(0, 1, 100))).toBe(1);
    expect(shareFor(ONE_CLIENT)).toBeCloseTo(1 / 27, 6);
  });

  it('goes on until a tenant that comes late is there', () => {
    expect(shareFor(steady(0, 100, 10_000), steady(60, 100, 4000))).toBeGreaterThan(0.6);
  });

  it('goes on until a crowd has come', () => {
    const crowd = Array.from(
      { length: 10_000 },
      (_, i) => (i < 4000 ? 20_000 * i : 80e6 + (i - 4000) * 1000) + 1,
    );
    expect(shareFor(arrivals(crowd))).toBeGreaterThan(0.8);
  });

  it('does not take chance for a crowd', () => {
    expect(shareFor(poisson('a', 100, 9000))).toBeLessThan(0.1);
  });
});
