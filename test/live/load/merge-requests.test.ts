import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildLog } from '../../../src/live/load/build-log.js';
import { mergeRequests, untilEnd } from '../../../src/live/load/merge-requests.js';
import type { PlannedLoad, TenantPlan } from '../../../src/live/load/plan.js';
import { emptyColumns, type RequestColumns, RequestRows } from '../../../src/live/load/request-rows.js';
import { planOfThread } from '../../../src/live/load/split-plan.js';
import { firstCall } from '../../../src/trace/calls.js';
import { Outcome } from '../../../src/trace/request-log.js';

function columns(rows: readonly { planned: number; ended: number; tenant: number }[]): RequestColumns {
  const all = emptyColumns(rows.length);
  rows.forEach(({ planned, ended, tenant }, i) => {
    all.plannedUs[i] = planned;
    all.dueUs[i] = planned;
    all.sentUs[i] = planned;
    all.endedUs[i] = ended;
    all.tenant[i] = tenant;
  });
  return all;
}

describe('merging what threads measured', () => {
  const row = fc
    .record({ planned: fc.nat(100), took: fc.nat(100), tenant: fc.nat(2) })
    .map(({ planned, took, tenant }) => ({ planned, ended: planned + took, tenant }));

  it('gives all rows planned until the end, in planned order', () => {
    const property = fc.property(
      fc.array(fc.array(row), { minLength: 1, maxLength: 3 }),
      fc.nat(120),
      (parts, endUs) => {
        const merged = mergeRequests(parts.map(columns), endUs);
        const expected = parts
          .flat()
          .filter(({ planned }) => planned <= endUs)
          .sort((a, b) => a.planned - b.planned || a.tenant - b.tenant);
        expect(Array.from(merged.plannedUs)).toEqual(expected.map(({ planned }) => planned));
        expect(Array.from(merged.tenant)).toEqual(expected.map(({ tenant }) => tenant));
        const atEnd = untilEnd(merged, endUs);
        atEnd.endedUs.forEach((us, i) => {
          expect(us >= endUs).toBe(false);
          expect(Number.isNaN(us)).toBe(atEnd.outcome[i] === Outcome.unfinished);
        });
      },
    );
    fc.assert(property);
  });

  it('leaves what a client cannot know unknown', () => {
    const log = buildLog(columns([{ planned: 0, ended: 5, tenant: 0 }]), {
      tenants: ['t'],
      servers: ['s'],
      endUs: 9,
    });
    expect([log.frontEndUs[0], log.networkUs[0], log.endUs]).toEqual([Number.NaN, Number.NaN, 9]);
    expect(log.calls.execution).toHaveLength(0);
    expect([firstCall(log, 0), firstCall(log, 1)]).toEqual([0, 0]);
  });
});

describe('rows of a run under way', () => {
  it.each([0, 1, 32_768, 32_769, 100_000])('keep all %d of them in order', (count) => {
    const rows = new RequestRows(10);
    const sent = { tenant: 0, server: 0, batchSize: 1, dueUs: 0, sentUs: 0 };
    for (let i = 0; i < count; i++) rows.add({ ...sent, plannedUs: i });
    expect(rows.length).toBe(count);
    expect(rows.toColumns().plannedUs.every((value, i) => value === i)).toBe(true);
  });
});

describe('dividing plans among threads', () => {
  const load: fc.Arbitrary<PlannedLoad> = fc.oneof(
    fc
      .record({ count: fc.nat(30), maxInFlight: fc.constantFrom(2, Infinity) })
      .map(({ count, maxInFlight }) => ({
        mode: 'trace' as const,
        arrivalUs: Float64Array.from({ length: count }, (_, i) => i * 10),
        variant: new Uint32Array(count),
        maxInFlight,
        pacing: 'schedule' as const,
      })),
    fc
      .record({
        concurrency: fc.integer({ min: 1, max: 9 }),
        maxRequests: fc.constantFrom(1, 8, 100, Infinity),
        threads: fc.constantFrom({ kind: 'own' } as const, { kind: 'shared', count: 1 } as const),
      })
      .map(({ threads, ...closed }) => ({
        mode: 'closed' as const,
        thinkTime: { law: 'constant' as const, meanUs: 0 },
        client: { threads, sendUs: 100, sendCv: 1 },
        ...closed,
      })),
  );

  it('neither loses nor doubles anything, and keeps a cap on one thread', () => {
    fc.assert(
      fc.property(
        fc.array(load, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 5 }),
        (loads, threads) => {
          const plans = loads.map(
            (each, i): TenantPlan => ({
              name: `t${i}`,
              stream: `client t${i}`,
              load: each,
              variants: [],
              targets: [0],
              firstContent: 0,
              routing: 'roundRobin',
            }),
          );
          const parts = Array.from({ length: threads }, (_, thread) => planOfThread(plans, thread, threads));
          for (const [i, whole] of loads.entries()) {
            sameLoad(
              whole,
              parts.map((part) => part[i]!.load),
            );
          }
        },
      ),
    );
  });
});

function sameLoad(whole: PlannedLoad, parts: readonly PlannedLoad[]): void {
  if (whole.mode === 'closed') {
    const closed = parts as (PlannedLoad & { mode: 'closed' })[];
    expect(closed.reduce((sum, part) => sum + part.concurrency, 0)).toBe(whole.concurrency);
    expect(closed.reduce((sum, part) => sum + part.maxRequests, 0)).toBe(whole.maxRequests);
    if (whole.client?.threads.kind === 'shared')
      expect(closed.filter((part) => part.concurrency > 0)).toHaveLength(1);
    return;
  }
  const times = (parts as (PlannedLoad & { mode: 'trace' })[]).map(({ arrivalUs }) => Array.from(arrivalUs));
  expect(times.flat().sort((a, b) => a - b)).toEqual(Array.from(whole.arrivalUs));
  if (whole.maxInFlight !== Infinity) {
    expect(times.filter((part) => part.length > 0).length).toBeLessThanOrEqual(1);
  }
}
