import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { compareLatency, hasSamePlan } from '../../src/metrics/compare-latency.js';
import { summarize } from '../../src/metrics/summarize.js';
import { percentileOf } from '../../src/metrics/summary.js';
import { Outcome } from '../../src/trace/request-log.js';
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

  it('says by how much a percentile of the runs differs, not of their parts, also where one burst makes it', () => {
    const burst = mm1Log({ load: 0.5, arrivals: 5000, seed: 3, until: { share: 0.1, load: 3 } });
    const slower = {
      ...burst,
      endedUs: burst.endedUs.map((ended, i) => ended + 0.5 * (ended - burst.plannedUs[i]!)),
    };
    const tenants = [{ name: 'a' }];
    for (const percentile of [50, 95] as const) {
      const [before, after] = [burst, slower].map((each) => {
        const summary = summarize({ scenarioName: 'x', seed: 1, warmUpUs: 0, tenants, log: each });
        return percentileOf(summary.tenants[0]!, percentile)!.value;
      });
      const asked = { ...question, percentile };
      const { difference, relativePercent } = compareLatency(
        { name: 'x', log: burst },
        { name: 'y', log: slower },
        asked,
      );
      expect(difference.value).toBeCloseTo(after! - before!, 9);
      expect(relativePercent).toBeCloseTo(50, 6);
    }
  });

  it('says by how much the means of the runs differ, also where one of them refused what took long in the other', () => {
    const lateUs = 10_000;
    const isLate = (row: number) => log.endedUs[row]! - log.plannedUs[row]! > lateUs;
    const refusing = {
      ...log,
      outcome: log.outcome.map((outcome, row) => (isLate(row) ? Outcome.rejected : outcome)),
    };
    const [before, after] = [log, refusing].map(
      (each) =>
        summarize({ scenarioName: 'x', seed: 1, warmUpUs: 0, tenants: [], log: each }).tenants[0]!.latencyMs
          .mean.value,
    );
    const { difference, significant } = compareLatency(
      { name: 'x', log },
      { name: 'y', log: refusing },
      question,
    );
    expect(before! - after!).toBeGreaterThan(0.5);
    expect(difference.value).toBeCloseTo(after! - before!, 9);
    // Of those that both completed none took longer or shorter.
    expect(significant).toBe(false);
  });

  it('says that a run equals itself', () => {
    const { statement } = compareLatency({ name: 'x', log }, { name: 'y', log }, question);
    expect(statement).toBe('mean latency of a: x and y are equal.');
  });

  it('counts from when requests left the client where their latency does, so that it says what a summary says', () => {
    /** Requests that leave the client ever later, each answered so long after. */
    const sentLate = (answeredUs: number) =>
      buildLog(
        Array.from({ length: 1000 }, (_, i) => {
          const sentUs = i * 1000 + i * answeredUs;
          return { plannedUs: i * 1000, sentUs, startedUs: sentUs, endedUs: sentUs + answeredUs };
        }),
        1e7,
      );
    const [slow, fast] = [sentLate(4000), sentLate(1000)];
    const { difference } = compareLatency(
      { name: 'x', log: slow },
      { name: 'y', log: fast },
      { ...question, latencyFrom: 'sent' },
    );
    const tenants = [{ name: 'a', latencyFrom: 'sent' as const }];
    const [before, after] = [slow, fast].map(
      (each) =>
        summarize({ scenarioName: 'x', seed: 1, warmUpUs: 0, tenants, log: each }).tenants[0]!.latencyMs.mean
          .value,
    );
    expect(difference.value).toBeCloseTo(-3, 9);
    expect(difference.value).toBeCloseTo(after! - before!, 9);
  });

  it('refuses runs whose arrivals differ, or that lack the tenant', () => {
    const other = mm1Log({ load: 0.8, arrivals: 5000, seed: 2 });
    expect(() => compareLatency({ name: 'x', log }, { name: 'y', log: other }, question)).toThrow(InputError);
    expect(() =>
      compareLatency({ name: 'x', log }, { name: 'y', log }, { ...question, tenant: 'b' }),
    ).toThrow('x has no tenant b');
  });
});

describe('hasSamePlan', () => {
  it('is true of runs whose arrivals are the same, however they were answered', () => {
    const log = mm1Log({ load: 0.8, arrivals: 100, seed: 1 });
    const [x, later] = [
      { name: 'x', log },
      { name: 'y', log: { ...log, endedUs: log.endedUs.map((ended) => ended + 7) } },
    ];
    const other = { name: 'z', log: mm1Log({ load: 0.8, arrivals: 100, seed: 2 }) };
    expect([later, other].map((run) => hasSamePlan(x, run, question))).toEqual([true, false]);
  });
});
