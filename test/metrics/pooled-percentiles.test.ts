import { describe, expect, it } from 'vitest';
import { summarizeReplications, summarizeRuns } from '../../src/metrics/replications.js';
import { quantiles } from '../../src/metrics/statistics/quantiles.js';
import { summarizeWithLatencies } from '../../src/metrics/summarize.js';
import { percentileOf, type Summary } from '../../src/metrics/summary.js';
import { cases } from '../support/cases.js';
import { mm1Log } from './log-builder.js';

/** Replications of an M/M/1 queue with a mean service of 1 ms, counted from when it is no longer known to have begun empty. */
function replications({ load, counted, runs, from }: Replications) {
  const lead = 3000;
  return Array.from({ length: runs }, (_, i) => {
    const log = mm1Log({ load, arrivals: lead + counted, seed: from + i });
    return summarizeWithLatencies({
      scenarioName: 'M/M/1',
      seed: from + i,
      warmUpUs: log.plannedUs[lead]!,
      tenants: [],
      log,
    });
  });
}

interface Replications {
  readonly load: number;
  readonly counted: number;
  readonly runs: number;
  readonly from: number;
}

const p99 = ({ total }: Summary) => percentileOf(total, 99)!;
/** The time in an M/M/1 system is exponential. */
const truthMs = (load: number) => Math.log(100) / (1 - load);

describe('the percentiles of several replications', () => {
  it('are those of all their requests together, for each tenant and in total', () => {
    const runs = replications({ load: 0.7, counted: 1000, runs: 3, from: 1 });
    const { tenants, total } = summarizeReplications(runs);
    const all = Float64Array.from(runs.flatMap(({ totalLatenciesUs }) => [...totalLatenciesUs]));
    const expected = quantiles(all, [0.5, 0.99]).map((us) => us / 1000);
    for (const latencyMs of [total.latencyMs, tenants[0]!.latencyMs]) {
      const of = (wanted: number) =>
        latencyMs.percentiles.find(({ percentile }) => percentile === wanted)!.ms.value;
      expect([of(50), of(99)]).toEqual(expected);
    }
  });

  it('leave all other figures as they are, and a single run too', () => {
    const runs = replications({ load: 0.7, counted: 1000, runs: 3, from: 1 });
    const means = summarizeRuns(runs.map(({ summary }) => summary));
    const pooled = summarizeReplications(runs);
    const without = ({ percentiles, ...rest }: Summary['total']['latencyMs']) => rest;
    expect({ ...pooled.total, latencyMs: without(pooled.total.latencyMs) }).toEqual({
      ...means.total,
      latencyMs: without(means.total.latencyMs),
    });
    expect(summarizeReplications(runs.slice(0, 1))).toBe(runs[0]!.summary);
  });

  it('come nearer to the truth with more short runs, where the mean of their own does not', () => {
    const runs = replications({ load: 0.9, counted: 2400, runs: 60, from: 1 });
    const mean = p99(summarizeRuns(runs.map(({ summary }) => summary))).value;
    expect(mean).toBeLessThan(0.85 * truthMs(0.9));
    const pooled = p99(summarizeReplications(runs)).value;
    expect(Math.abs(pooled / truthMs(0.9) - 1)).toBeLessThan(0.1);
  });

  it('of ten short runs hold the truth in their interval in more than 80 of 100 cases', () => {
    const intervals = Array.from({ length: cases(60) }, (_, i) =>
      p99(summarizeReplications(replications({ load: 0.8, counted: 2400, runs: 10, from: 1 + 10 * i }))),
    );
    const held = intervals.filter(({ low, high }) => low <= truthMs(0.8) && truthMs(0.8) <= high);
    expect(held.length / intervals.length).toBeGreaterThan(0.8);
  });
});
