import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergedLatencies } from '../../src/metrics/figures/merged-latencies.js';

const gaps = fc.array(fc.oneof(fc.nat(3), fc.nat(100), fc.constant(1e6)), { maxLength: 400 });

it('latencies of several tenants come in order of planned arrival, at one instant in order of tenant', () => {
  fc.assert(
    fc.property(fc.array(gaps, { minLength: 1, maxLength: 5 }), (tenants) => {
      let number = 0;
      const lists = tenants.map((own) => {
        let atUs = 0;
        const plannedUs = Float64Array.from([0, ...own], (us) => (atUs += us));
        const latencyUs = Float64Array.from(own, () => number++);
        return { plannedUs, first: 1, latencyUs };
      });
      const rows = lists.flatMap(({ plannedUs, latencyUs }) =>
        Array.from(latencyUs, (latency, i) => ({ us: plannedUs[1 + i]!, latency })),
      );
      const expected = rows.sort((a, b) => a.us - b.us || a.latency - b.latency);
      expect([...mergedLatencies(lists)]).toEqual(expected.map(({ latency }) => latency));
    }),
    { numRuns: 200 },
  );
});

it('bursts of thousands of requests at nearly one instant are put in order too', () => {
  const burst = (offset: number) => Float64Array.from({ length: 40_000 }, (_, i) => 1e9 + 2 * i + offset);
  const lists = [0, 1].map((tenant) => ({
    plannedUs: Float64Array.from([0, ...burst(tenant), 1e12]),
    first: 0,
    latencyUs: Float64Array.from({ length: 40_002 }, (_, i) => 2 * i + tenant),
  }));
  const merged = mergedLatencies(lists);
  expect(merged).toHaveLength(80_004);
  expect(merged.every((latency, i) => latency === i)).toBe(true);
});
