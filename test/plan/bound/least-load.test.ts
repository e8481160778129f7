import { describe, expect, it } from 'vitest';
import { type LoadScope, leastLoads, leastSize } from '../../../src/plan/bound/least-load.js';
import { linearProfile, smallPlan, traceAt } from '../support/small-plans.js';

/** Seconds and inferences of requests; a run of 10 s, of which two are its warm-up. */
const REQUESTS = [
  [0.5, 9],
  [1.5, 9],
  [3, 2],
  [4, 2],
  [5, 4],
  [6, 3],
  [7, 2],
  [8, 2],
  [9, 8],
  [9.8, 1],
] as const;

function problemWith(slo: { readonly percentile: number; readonly limitMs: number } | undefined, more = {}) {
  const trace = traceAt(
    REQUESTS.map(([s]) => s),
    10,
    { batchSize: Uint16Array.from(REQUESTS, ([, size]) => size), ...more },
  );
  const tenants = [
    { name: 'a', model: 'a', load: { trace: { file: 'a' } }, ...(slo && { slo }), requestBytes: 10 },
  ];
  const plan = { durationS: 10, warmUpS: 2, batching: { maxBatchSizes: [16] }, tenants };
  return smallPlan([], [linearProfile('a', 'gpu', { fixedMs: 1, perItemMs: 0 })], plan, { a: trace });
}

function leastOf(problem: ReturnType<typeof problemWith>, scope: LoadScope) {
  const [{ seconds, tenants } = { seconds: 0, tenants: [] }] = leastLoads(
    problem,
    problem.workloads[0]!,
    scope,
  );
  const { arrivalsUs, ...load } = tenants[0]!;
  return { seconds, ...load, fromS: arrivalsUs[0]! / 1e6, toS: arrivalsUs.at(-1)! / 1e6 };
}

describe('what must be done of a load', () => {
  const promised = problemWith({ percentile: 75, limitMs: 500 });

  it('within a run is what is due in it after its warm-up, less as many of the largest as may be late', () => {
    // Of eight after the warm-up two may be late; that of 9.8 s is due after the end.
    expect(leastOf(promised, 'run')).toMatchObject({
      seconds: 8,
      requests: 7,
      leftOut: 2,
      executed: 5,
      smallest: 2,
      inferences: 2 + 2 + 2 + 2 + 3,
      fromS: 3,
      toS: 9,
    });
  });

  it('for ever is all of it: what may be late is executed, too', () => {
    expect(leastOf(promised, 'sustained')).toMatchObject({
      seconds: 10,
      requests: 10,
      leftOut: 2,
      executed: 10,
      smallest: 1,
      inferences: 42,
      fromS: 0.5,
      toS: 9.8,
    });
  });

  it('counts whole requests where their share is no exact number', () => {
    // 1 - 0.9 is less than 0.1 in doubles.
    expect(leastOf(problemWith({ percentile: 90, limitMs: 500 }), 'sustained').leftOut).toBe(1);
  });

  it('without an SLO is due by the end of the run', () => {
    expect(leastOf(problemWith(undefined), 'run')).toMatchObject({
      requests: 8,
      limitMs: Infinity,
      toS: 9.8,
    });
    expect(leastOf(problemWith(undefined), 'sustained')).toMatchObject({ requests: 10, leftOut: 0 });
  });

  it('has the fewest bytes, which its smallest request tells only where all have as many for an inference', () => {
    const sizeOf = (problem: ReturnType<typeof problemWith>) => {
      const [load] = leastLoads(problem, problem.workloads[0]!, 'run')[0]!.tenants;
      return { bytes: load!.payloadBytes, ...leastSize(problem, problem.workloads[0]!, load!) };
    };
    expect(sizeOf(promised)).toMatchObject({ bytes: 0, requestBytes: 20 });
    const payloadBytes = Uint32Array.from([9, 9, 70, 10, 50, 60, 20, 40, 30, 9]);
    const told = sizeOf(problemWith({ percentile: 75, limitMs: 500 }, { payloadBytes }));
    expect(told).toMatchObject({ bytes: 10 + 20 + 30 + 40 + 50, requestBytes: 0 });
  });
});
