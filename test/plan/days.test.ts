import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { loadSolver } from '../../src/node/plan/highs.js';
import { resampleBlocks } from '../../src/plan/bootstrap.js';
import { evaluate, meetsAll } from '../../src/plan/evaluate.js';
import { placementOf } from '../../src/plan/master.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import type { Trace } from '../../src/trace/trace.js';
import { answered } from './support/answered.js';
import { linearProfile, smallPlan, traceAt } from './support/small-plans.js';

const DURATION_S = 40;
const PROFILES = [
  linearProfile('a', 'gpu', { fixedMs: 1, perItemMs: 1 }),
  linearProfile('b', 'gpu', { fixedMs: 1, perItemMs: 1 }),
];

/** One request in 10 ms, at times that nothing repeats. */
const STEADY = Array.from({ length: DURATION_S * 100 }, (_, i) => i / 100 + ((i * 7) % 10) / 1000);

/** Tenants `a` and `b` with arrivals at these times, on five days. */
function problemOf(arrivalsS: Record<string, readonly number[]>, more: Record<string, unknown> = {}) {
  const tenants = Object.keys(arrivalsS).map((model) => ({
    name: model,
    model,
    load: { trace: { file: model } },
    slo: { percentile: 99, limitMs: 50 },
  }));
  const traces = Object.entries(arrivalsS).map(([model, at]) => [model, traceAt(at, DURATION_S)]);
  const setting = { durationS: DURATION_S, days: { count: 4 }, tenants, ...more };
  return smallPlan([], PROFILES, setting, Object.fromEntries(traces));
}

function problemsOf(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ path, what }) => `${path}: ${what}`);
    throw error;
  }
  return [];
}

function onOneGpu(problem: PlanProblem) {
  const { workloads, options } = problem;
  const modelReplicas = workloads.map((_, workload) => ({ workload, replicas: 1, option: options[0]! }));
  return placementOf(problem, [{ kind: 0, modelReplicas }]);
}

describe('the days of a plan', () => {
  it('differ from each other where arrivals come from a trace, at the defaults', () => {
    const { days } = problemOf({ a: STEADY });
    expect(new Set(days.map(({ traces }) => traces[0]!.arrivalUs.join())).size).toBe(5);
  });

  it('are refused where their blocks are longer than a quarter of the run', () => {
    const withBlocks = (blockS: number) =>
      problemsOf(() => problemOf({ a: STEADY }, { days: { count: 1, blockS } }));
    expect(withBlocks(10)).toEqual([]);
    expect(withBlocks(11)).toEqual([
      'days.blockS: blocks of 11 s are too long to put other days together from 40 s',
    ]);
  });

  it('keep what a trace says of each request', () => {
    const at = Array.from({ length: 100 }, (_, i) => i / 10);
    const column = (times: number) => at.map((_, i) => (i + 1) * times);
    const trace: Trace = traceAt(at, 10, {
      batchSize: Uint16Array.from(column(1)),
      payloadBytes: Uint32Array.from(column(10)),
      priority: Uint32Array.from(column(2)),
      timeoutUs: Float64Array.from(column(1000)),
      sequenceId: Float64Array.from(column(3)),
    });
    const day = resampleBlocks(trace, 2e6, [5e6, 1e6, 5e6, 0, 3e6], 1e7);
    expect(day.arrivalUs).toHaveLength(100);
    for (const [row, us] of day.arrivalUs.entries()) {
      const from = [5, 1, 5, 0, 3][Math.floor(us / 2e6)]! + (us % 2e6) / 1e6;
      const nth = Math.round(from * 10) + 1;
      const { batchSize, payloadBytes, priority, timeoutUs } = day;
      expect([batchSize, payloadBytes, priority, timeoutUs].map((values) => values![row])).toEqual([
        nth,
        nth * 10,
        nth * 2,
        nth * 1000,
      ]);
    }
  });

  it('keep a sequence whole, in the block in which it began, with an id of its own', () => {
    const at = [0, 1.5, 1.6, 2.5, 4, 4.5, 5];
    const trace: Trace = {
      ...traceAt(at, 6),
      sequenceId: Float64Array.of(7, 8, 7, 8, 7, 0, 7),
      sequenceFlags: Uint16Array.of(1, 1, 2, 2, 1, 0, 2),
    };
    const day = resampleBlocks(trace, 2e6, [0, 1e6, 0.5e6], 6e6);
    const rows = [...day.arrivalUs].map((us, row) => [
      us / 1e6,
      day.sequenceId![row],
      day.sequenceFlags![row],
    ]);
    const [first, second, again, third] = [1, 2, 5, 8];
    expect(rows).toEqual([
      [0, first, 1],
      [1.5, second, 1],
      [1.6, first, 2],
      [2.5, second, 2],
      [2.5, again, 1],
      [3.5, again, 2],
      [5, third, 1],
    ]);
  });

  it('may lack a tenant with few requests, whose SLO is then met', () => {
    const problem = problemOf({ a: STEADY, b: [20] }, { days: { count: 12, blockS: 4 } });
    const empty = problem.days.find(({ traces }) => traces[1]!.arrivalUs.length === 0)!;
    const { verdicts } = evaluate(problem, onOneGpu(problem), empty);
    expect(verdicts.map(({ tenant, met }) => ({ tenant, met }))).toEqual([
      { tenant: 'a', met: true },
      { tenant: 'b', met: true },
    ]);
  });

  it('are planned for together, loads of a half of them too, where a tenant has few requests', async () => {
    const problem = problemOf({ a: STEADY, b: [20] }, { days: { count: 6, blockS: 4 } });
    const { candidates, chosen, loadPoints } = answered(problem, await loadSolver(), 200);
    expect(candidates[chosen!]!.days).toHaveLength(7);
    expect(candidates[chosen!]!.days.every(meetsAll)).toBe(true);
    expect(loadPoints.map(({ factor }) => factor)).toEqual([0.5, 0.75, 1, 1.25, 1.5, 2]);
  });

  it('begin with one on which every tenant has requests that count', () => {
    const rare = { name: 'rare', model: 'a', load: { process: { kind: 'poisson', ratePerS: 0.001 } } };
    expect(problemsOf(() => problemOf({}, { tenants: [rare] }))).toEqual([
      'tenants[0].load: no request of it falls into the 36 s counted',
    ]);
    expect(problemsOf(() => problemOf({ a: STEADY, b: [1, 2] }))).toEqual([
      'tenants[1].load: no request of it falls into the 36 s counted',
    ]);
  });

  it('say which SLO is in the way where it is violated on a later one alone', async () => {
    // A burst that may be late once, and is in some days twice.
    const burst = [...STEADY, ...Array.from({ length: 30 }, () => 20.0005)].sort((a, b) => a - b);
    const slo = { percentile: 99, limitMs: 20 };
    const problem = problemOf(
      { a: burst },
      {
        tenants: [{ name: 'a', model: 'a', load: { trace: { file: 'a' } }, slo }],
        batching: { maxBatchSizes: [32] },
        days: { count: 8 },
        mostReplicas: 1,
      },
    );
    const [first, ...others] = problem.days.map((day) => meetsAll(evaluate(problem, onOneGpu(problem), day)));
    expect([first, others.includes(false)]).toEqual([true, true]);
    const { chosen, shortfalls } = answered(problem, await loadSolver(), 50);
    expect(chosen).toBeUndefined();
    expect(shortfalls).toMatchObject([{ tenant: 'a', limitMs: 20 }]);
    expect(shortfalls[0]!.margin).toBeLessThan(0);
  });
});
