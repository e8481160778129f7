import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { compareLatency } from '../../src/metrics/compare-latency.js';
import { suggestWarmUp } from '../../src/metrics/suggest-warm-up.js';
import { buildLog, mm1Log } from './log-builder.js';

const question = { tenant: 'a', warmUpUs: 0 };

describe('compareLatency', () => {
  const log = mm1Log({ load: 0.8, arrivals: 5000, seed: 1 });
  /** The same arrivals, each answered so much later. */
  const later = (us: number) => ({ ...log, endedUs: log.endedUs.map((ended) => ended + us) });

  it('sees a small difference under common arrivals in mean and percentile', () => {
    for (const percentile of [undefined, 95]) {
      const asked = percentile === undefined ? question : { ...question, percentile };
      const { difference, significant } = compareLatency(
        { name: 'x', log },
        { name: 'y', log: later(50) },
        asked,
      );
      expect(difference.value).toBeCloseTo(0.05, 9);
      expect(significant).toBe(true);
    }
  });

  it('says that a run equals itself', () => {
    const { statement } = compareLatency({ name: 'x', log }, { name: 'y', log }, question);
    expect(statement).toBe('mean latency of a: x and y are equal.');
  });

  it('refuses runs whose arrivals differ, or that lack the tenant', () => {
    const other = mm1Log({ load: 0.8, arrivals: 5000, seed: 2 });
    expect(() => compareLatency({ name: 'x', log }, { name: 'y', log: other }, question)).toThrow(InputError);
    expect(() =>
      compareLatency({ name: 'x', log }, { name: 'y', log }, { ...question, tenant: 'b' }),
    ).toThrow('x has no tenant b');
  });
});

describe('suggestWarmUp', () => {
  it('finds the end of a start that is unlike the rest', () => {
    const requests = Array.from({ length: 2000 }, (_, i) => {
      const latency = i < 300 ? 5000 : 1000 + (i % 7) * 10;
      return { plannedUs: i * 100, startedUs: i * 100, endedUs: i * 100 + latency };
    });
    const { warmUpUs, unsettled } = suggestWarmUp({ log: buildLog(requests, 300_000), tenants: [] });
    expect(warmUpUs).toBe(30_000);
    expect(unsettled).toEqual([]);
  });

  it('names tenants that never settle, and asks for nothing of an empty run', () => {
    const growing = mm1Log({ load: 2, arrivals: 5000, seed: 3 });
    expect(suggestWarmUp({ log: growing, tenants: [] }).unsettled).toEqual(['a']);
    expect(suggestWarmUp({ log: buildLog([], 1000), tenants: [] })).toEqual({ warmUpUs: 0, unsettled: [] });
  });
});
