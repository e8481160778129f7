import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { type ModelNeed, type SolvedBound, solveBound } from '../../../src/plan/bound/bound-program.js';
import { type HostSide, hostSideOf } from '../../../src/plan/host-side.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

/** Models a, b, … on as many machines of a GPU each as it takes, a dollar an hour each. */
function problemOf(
  models: number,
  sharing: string,
  more: Record<string, unknown> = {},
  slowdown = 2,
): PlanProblem {
  const names = ['a', 'b', 'c'].slice(0, models);
  const profiles = names.map((name) =>
    linearProfile(name, 'gpu', {
      fixedMs: 1,
      perItemMs: 0,
      more: {
        interference: {
          pairs: names.filter((other) => other !== name).map((model) => ({ model, slowdown })),
        },
      },
    }),
  );
  const tenants = names.map((model) => ({ model, ratePerS: 1, limitMs: 100 }));
  const machines = machinesFor(profiles, { sharing: [sharing], limit: 20 });
  return smallPlan(tenants, profiles, { machines, ...more });
}

/** Of one slot: seconds of the device per second, of the instances' threads, and what of its host and memory. */
function need(
  problem: PlanProblem,
  {
    inferS = 0,
    instanceS = inferS,
    threads = 0,
    memory = 0,
  }: Partial<Record<'inferS' | 'instanceS' | 'threads' | 'memory', number>>,
): ModelNeed {
  const slot = problem.slotKinds[0]!;
  const has: HostSide = hostSideOf(problem.machines[slot.machine]!, slot);
  const host = { threads: threads * has.threads, requestBytesPerS: 0, responseBytesPerS: 0 };
  return { inferS, instanceS, host, memoryMb: memory * slot.memoryMb };
}

describe('the cheapest machines for what models need', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });
  const solved = (
    problem: PlanProblem,
    needs: readonly (readonly (ModelNeed | undefined)[])[],
  ): SolvedBound => solveBound(problem, needs, solve, { timeLimitS: 5 });
  const machinesOf = (sharing: string, ...needs: readonly Parameters<typeof need>[1][]): number => {
    const problem = problemOf(needs.length, sharing);
    return solved(
      problem,
      needs.map((each) => [need(problem, each)]),
    ).bound;
  };

  it('add up the time of models that share a device, and count the devices of those that do not apart', () => {
    expect(machinesOf('timeSlices', { inferS: 0.7 }, { inferS: 0.7 })).toBeCloseTo(2, 3);
    expect(machinesOf('timeSlices', { inferS: 0.3 }, { inferS: 0.3 })).toBeCloseTo(1, 3);
    expect(machinesOf('exclusive', { inferS: 0.3 }, { inferS: 0.3 })).toBeCloseTo(2, 3);
    expect(machinesOf('exclusive', { inferS: 1.3 }, { inferS: 1.3 })).toBeCloseTo(4, 3);
  });

  it('have the front ends for all of a device, or for the model that has it', () => {
    expect(
      machinesOf('timeSlices', { inferS: 0.1, threads: 0.8 }, { inferS: 0.1, threads: 0.8 }),
    ).toBeCloseTo(2, 3);
    expect(machinesOf('exclusive', { inferS: 0.1, threads: 2.4 })).toBeCloseTo(3, 3);
    expect(machinesOf('exclusive', { inferS: 0.1, threads: 0.4 }, { inferS: 0.1, threads: 0.4 })).toBeCloseTo(
      2,
      3,
    );
  });

  it('have an instance for each second of a model that its threads take, beside others or not', () => {
    const busy = { inferS: 0.5, instanceS: 2.5 };
    for (const sharing of ['timeSlices', 'exclusive']) expect(machinesOf(sharing, busy)).toBeCloseTo(3, 3);
    expect(machinesOf('timeSlices', busy, busy)).toBeCloseTo(3, 3);
    expect(machinesOf('exclusive', busy, busy)).toBeCloseTo(6, 3);
  });

  it('have the memory of as many replicas of a model as its time takes', () => {
    // Two and a half devices for the first, of which no other has room beside it.
    expect(machinesOf('timeSlices', { inferS: 2.5, memory: 0.6 }, { inferS: 0.2, memory: 0.6 })).toBeCloseTo(
      4,
      3,
    );
    expect(machinesOf('timeSlices', { inferS: 2.5, memory: 0.6 }, { inferS: 0.2, memory: 0.4 })).toBeCloseTo(
      3,
      3,
    );
  });

  it('do as much together as models that hardly slow each other, and as instances of one allow', () => {
    const quick = problemOf(2, 'streams', {}, 1);
    const each = (problem: PlanProblem, needs: Parameters<typeof need>[1]) => [
      [need(problem, needs)],
      [need(problem, needs)],
    ];
    // Two of them at once take no longer than one.
    expect(solved(quick, each(quick, { inferS: 1.8 })).bound).toBeCloseTo(2, 3);
    expect(solved(quick, each(quick, { inferS: 2.2 })).bound).toBeCloseTo(3, 3);
    const several = problemOf(2, 'timeSlices', { batching: { maxBatchSizes: [1, 8], instances: [1, 2] } });
    expect(solved(several, each(several, { inferS: 0.2, instanceS: 2.4 })).bound).toBeCloseTo(2, 3);
  });

  it('have two replicas of each model in memory before a failure, and room for all of the load after it', () => {
    const surviving = (sharing: string, ...needs: readonly Parameters<typeof need>[1][]): number => {
      const problem = problemOf(needs.length, sharing, { survive: 'gpu' });
      return solved(
        problem,
        needs.map((each) => [need(problem, each)]),
      ).bound;
    };
    expect(surviving('timeSlices', { inferS: 0.1 })).toBeCloseTo(2, 3);
    expect(surviving('timeSlices', { inferS: 2.5 })).toBeCloseTo(4, 3);
    // After a failure two devices would do; before it there are four replicas of which no two are on one.
    expect(surviving('timeSlices', { inferS: 0.1, memory: 0.6 }, { inferS: 0.1, memory: 0.6 })).toBeCloseTo(
      4,
      3,
    );
    expect(surviving('exclusive', { inferS: 0.1 }, { inferS: 0.1 })).toBeCloseTo(4, 3);
  });

  it('say on what a model is mostly served, and leave out what nothing serves', () => {
    const profiles = ['x', 'y'].flatMap((device) =>
      ['a', 'b', 'c'].map((name) => linearProfile(name, device, { fixedMs: 1, perItemMs: 0 })),
    );
    const tenants = ['a', 'b', 'c'].map((model) => ({ model, ratePerS: 1, limitMs: 100 }));
    const problem = smallPlan(tenants, profiles);
    const [x, y] = ['x', 'y'].map((device) => problem.slotKinds.findIndex((slot) => slot.device === device));
    const on = (wanted: number, inferS: number) =>
      problem.slotKinds.map((_, s) => (s === wanted ? need(problem, { inferS }) : undefined));
    // The second kind costs 1.8 dollars.
    const found = solved(problem, [on(x!, 0.4), on(y!, 0.4), problem.slotKinds.map(() => undefined)]);
    expect(found.bound).toBeCloseTo(2.8, 3);
    expect(found.kinds).toEqual([x, y, -1]);
    // Three seconds on the first kind or one on the second.
    const either = problem.slotKinds.map((_, s) => need(problem, { inferS: s === y ? 0.9 : 2.9 }));
    expect(solved(problem, [either, on(-1, 0), on(-1, 0)])).toMatchObject({
      bound: expect.closeTo(1.8, 3),
      kinds: [y, -1, -1],
    });
  });
});
