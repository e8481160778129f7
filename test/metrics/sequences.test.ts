import { describe, expect, it } from 'vitest';
import type { SequenceSummary } from '../../src/metrics/summary.js';
import { summarizeRun } from '../../src/report/build-report.js';
import { withSequenceFlags } from '../../src/scenario/check/sequences.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** What a tenant's sequences took on a model with one slot, where an execution takes 10 ms. Requests are `[ms, sequence]`. */
function sequencesOf(
  requests: readonly (readonly [number, number])[],
  warmUpMs = 0,
): SequenceSummary | undefined {
  const load = arrivals(
    requests.map(([ms]) => ms * 1000),
    { sequenceId: Float64Array.from(requests, ([, id]) => id) },
  );
  if (load.mode !== 'open') throw new Error('arrivals are open');
  const slots = { slots: 1, maxSequenceIdleUs: 1e9, maxQueueDelayUs: 0 };
  const sequences = { ...slots, kind: 'oldest' as const, preferredBatchSizes: [] };
  const model = { config: { ...config('m', 1), sequences }, profile: profile('m', 10, 0) };
  const own = tenant('t', 'm', { mode: 'open', trace: withSequenceFlags(load.trace) });
  const of = scenario([server('s', { models: [model] })], [own], 1, { warmUpUs: warmUpMs * 1000 });
  return summarizeRun({ scenario: of, result: simulate(of) }).tenants[0]!.sequences;
}

function times({ firstAnswerMs, lastAnswerMs }: SequenceSummary) {
  return [firstAnswerMs, lastAnswerMs].map((latencyMs) => [latencyMs.mean.value, latencyMs.max]);
}

describe('the latency of whole sequences', () => {
  it('is that to the first and to the last answer, with what a sequence waits for its slot', () => {
    const found = sequencesOf([
      [0, 1],
      [5, 2],
      [100, 1],
      [200, 2],
    ])!;
    // The second one waits until the first has ended, at 110 ms.
    expect(found).toMatchObject({ begun: 2, answered: 2 });
    expect(times(found)).toEqual([
      [(10 + 115) / 2, 115],
      [(110 + 205) / 2, 205],
    ]);
  });

  it('counts those that began in the measured time, and tells nothing where none did', () => {
    const requests = [
      [0, 1],
      [100, 1],
      [300, 2],
    ] as const;
    expect(sequencesOf(requests, 200)).toMatchObject({ begun: 1, answered: 1 });
    expect(sequencesOf(requests, 400)).toBeUndefined();
    expect(sequencesOf([[0, 0]])).toBeUndefined();
  });

  it('is not known of a sequence that the end of the run cuts off', () => {
    const found = sequencesOf([
      [0, 1],
      [995, 1],
    ])!;
    expect(found).toMatchObject({ begun: 1, answered: 0 });
    expect(found.firstAnswerMs.mean.value).toBe(10);
    expect(found.lastAnswerMs.mean.value).toBeNaN();
  });
});
