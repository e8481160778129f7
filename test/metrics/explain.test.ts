import { describe, expect, it } from 'vitest';
import type { Counterfactual } from '../../src/metrics/causes.js';
import { explain } from '../../src/metrics/explain.js';
import { summarize } from '../../src/metrics/summarize.js';
import { Outcome } from '../../src/trace/request-log.js';
import { buildLog, mm1Log, type TestRequest } from './log-builder.js';

const tenant = { name: 'a', slo: { percentile: 99, limitMs: 5 } };

type At = (plannedUs: number) => TestRequest;

const QUICK: At = (plannedUs) => ({ plannedUs, startedUs: plannedUs + 100, endedUs: plannedUs + 1100 });

/** Every tenth of 1000 requests is slow in the way that `slow` says; times in microseconds. */
function logWith(slow: At, quick: At = QUICK) {
  const requests = Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? slow : quick)(i * 1000));
  return buildLog(requests, 2_000_000);
}

function summaryOf(load: number) {
  const log = mm1Log({ load, arrivals: 5000, seed: 1 });
  return summarize({ scenarioName: 'x', seed: 1, warmUpUs: 0, tenants: [tenant], log }).tenants[0]!;
}

describe('explain', () => {
  const queued = logWith((at) => ({ plannedUs: at, startedUs: at + 9000, endedUs: at + 10_000 }));

  it('compares requests that missed the limit with typical ones, part by part', () => {
    const { slow } = explain({ log: queued, tenant, warmUpUs: 0 });
    expect(slow).toMatchObject({ rule: 'later than the limit of 5 ms', completed: 1000, withoutResult: 0 });
    expect(slow!.slow.requests).toBe(100);
    expect(slow!.parts[0]).toMatchObject({ part: 'queue' });
    expect(slow!.parts[0]!.typicalMs).toBeCloseTo(0.1, 9);
    expect(slow!.parts[0]!.extraMs).toBeCloseTo(8.9, 9);
    expect(slow!.parts[0]!.share).toBeCloseTo(1, 9);
  });

  it('looks at the slowest 1 % where no limit is missed', () => {
    const { slow } = explain({ log: queued, tenant: { name: 'a' }, warmUpUs: 0 });
    expect(slow!.rule).toBe('the slowest 1 %');
  });

  it('the extras of all parts add up to the gap between slow and typical requests', () => {
    const log = mm1Log({ load: 0.8, arrivals: 5000, seed: 2 });
    const { slow } = explain({ log, tenant: { name: 'a' }, warmUpUs: 0 });
    expect(slow!.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it.each([
    ['queueing behind itself', {}, ['own-load']],
    ['queueing behind itself, early committed', { maxQueueDelayUs: 500 }, ['own-load', 'early-commitment']],
    ['late binding', { maxQueueDelayUs: 500, lateBinding: true }, ['own-load']],
    ['a busy neighbour', { ownBusyShare: 0.1, othersBusyShare: 0.8 }, ['co-runners']],
    ['a long delay', { maxQueueDelayUs: 9000 }, ['batching-delay']],
  ] as const)('names the cause of a long queue: %s', (_, facts, codes) => {
    const { causes } = explain({ log: queued, tenant, warmUpUs: 0, facts });
    expect(causes.map(({ code }) => code)).toEqual(codes);
    expect(causes.every(({ confirmed }) => !confirmed)).toBe(true);
  });

  it.each([
    [
      'client-cap',
      (at: number) => ({ plannedUs: at, sentUs: at + 9000, startedUs: at + 9000, endedUs: at + 10_000 }),
    ],
    [
      'network',
      (at: number) => ({ plannedUs: at, networkUs: 8000, startedUs: at + 4100, endedUs: at + 9100 }),
    ],
    [
      'front-end',
      (at: number) => ({ plannedUs: at, frontEndUs: 8000, startedUs: at + 8100, endedUs: at + 9100 }),
    ],
    ['compute', (at: number) => ({ plannedUs: at, startedUs: at + 100, endedUs: at + 9100 })],
    [
      'large-batches',
      (at: number) => ({ plannedUs: at, startedUs: at + 100, endedUs: at + 9100, executedBatch: 16 }),
    ],
  ] as const)('names %s where slow requests lose their time there', (code, slow) => {
    expect(explain({ log: logWith(slow), tenant, warmUpUs: 0 }).causes[0]).toMatchObject({ code });
  });

  it('does not blame large batches where typical requests are in batches as large', () => {
    const inSixteen =
      (inferUs: number): At =>
      (at) => ({ plannedUs: at, startedUs: at + 100, endedUs: at + 100 + inferUs, executedBatch: 16 });
    const { causes } = explain({ log: logWith(inSixteen(9000), inSixteen(1000)), tenant, warmUpUs: 0 });
    expect(causes[0]).toMatchObject({ code: 'compute' });
  });

  it('names co-runners where executions take longer than alone', () => {
    const log = logWith((at) => ({ plannedUs: at, startedUs: at + 100, endedUs: at + 9100 }));
    const { causes } = explain({ log, tenant, warmUpUs: 0, facts: { soloInferMs: () => 1 } });
    expect(causes[0]!.code).toBe('co-runners');
    expect(causes[0]!.text).toContain('9.00 times as long as alone');
  });

  it('puts what a counterfactual confirmed first, and drops what it refuted', () => {
    const [before, after] = [summaryOf(0.8), summaryOf(0.4)];
    const facts = { maxQueueDelayUs: 500 };
    const confirmed: Counterfactual = { change: 'late-binding', before, after };
    const refuted: Counterfactual = { change: 'unlimited-instances', before, after: before };
    const { causes } = explain({
      log: queued,
      tenant,
      warmUpUs: 0,
      facts,
      counterfactuals: [refuted, confirmed],
    });
    expect(causes).toMatchObject([{ code: 'early-commitment', confirmed: true }]);
    expect(causes[0]!.text).toMatch(/p99 would be .* ms instead of .* ms/);
    expect(causes[0]!.costMs).toBeGreaterThan(0);
  });

  it('does not name what changes more than another change that wins as much', () => {
    const [before, alone, freer] = [summaryOf(0.8), summaryOf(0.4), summaryOf(0.1)];
    const codesWith = (after: typeof before) =>
      explain({
        log: queued,
        tenant,
        warmUpUs: 0,
        counterfactuals: [
          { change: 'no-co-runners', before, after: alone },
          { change: 'unlimited-instances', before, after },
        ],
      }).causes.map(({ code }) => code);
    // With an instance always free on a device of its own there is nobody beside it either.
    expect(codesWith(alone)).toEqual(['co-runners']);
    // Most of it is won without them already.
    expect(codesWith(freer)).toEqual(['co-runners', 'own-load']);
  });

  it('says when requests had no result, and that nothing can be split without any', () => {
    const log = logWith((at) => ({ plannedUs: at, endedUs: at, outcome: Outcome.rejected }));
    expect(explain({ log, tenant, warmUpUs: 0 }).causes).toMatchObject([{ code: 'lost-requests' }]);
    const empty = explain({ log: buildLog([], 1000), tenant, warmUpUs: 0 });
    expect(empty).toEqual({ tenant: 'a', slow: undefined, causes: [] });
  });

  it('begins with lost requests where they alone miss the SLO, and ends with them where it allows them', () => {
    const queuedOrLost = logWith(
      (at) => ({ plannedUs: at, endedUs: at, outcome: Outcome.timedOut }),
      (at) => ({ plannedUs: at, startedUs: at + (at % 7 === 0 ? 9000 : 100), endedUs: at + 10_000 }),
    );
    const [before, after] = [summaryOf(0.8), summaryOf(0.4)];
    const codesAt = (percentile: number) =>
      explain({
        log: queuedOrLost,
        tenant: { name: 'a', slo: { percentile, limitMs: 5 } },
        warmUpUs: 0,
        counterfactuals: [{ change: 'no-co-runners', before, after }],
      }).causes.map(({ code }) => code);
    expect(codesAt(95)[0]).toBe('lost-requests');
    expect(codesAt(90).at(-1)).toBe('lost-requests');
    expect(codesAt(90)[0]).toBe('co-runners');
  });
});
