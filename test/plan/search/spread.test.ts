import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placementOf } from '../../../src/plan/master.js';
import { type Placement, type Slot, slotsOf } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { spreadPatterns } from '../../../src/plan/replicas.js';
import { cases } from '../../support/cases.js';
import { linearProfile, smallPlan } from '../support/small-plans.js';

const MODELS = ['a', 'b', 'c'];
const GPU = 'A100-80GB';

/** Machines with two GPUs each, whole or in the smallest slices. */
function problemOf(survive: string, sharing: 'timeSlices' | 'mig'): PlanProblem {
  const device = sharing === 'mig' ? `${GPU} MIG 1g.10gb` : GPU;
  return smallPlan(
    MODELS.map((model) => ({ model, ratePerS: 20, limitMs: 100 })),
    MODELS.map((model) => linearProfile(model, device, { fixedMs: 0, perItemMs: 5 })),
    {
      survive,
      mostReplicas: 16,
      machines: [
        { name: 'm', gpu: GPU, gpus: 2, memoryMb: 80_000, machine: { kind: 'server' }, sharing: [sharing] },
      ],
    },
  );
}

/** A slot for each replica of each model, with that model alone. */
function slotsFor(
  problem: PlanProblem,
  patterns: readonly { replicas: number; perFaultDomain: number }[],
): Slot[] {
  const option = problem.options[0]!;
  const kind = problem.slotKinds.length - 1;
  return patterns.flatMap(({ replicas, perFaultDomain }, workload) =>
    Array.from({ length: replicas }, () => ({
      kind,
      modelReplicas: [{ workload, replicas, perFaultDomain, option }],
    })),
  );
}

/** Most replicas of a model that go with one machine, or one GPU. */
function mostLost({ machines }: Placement, workload: number, survive: string): number {
  const countIn = (slots: readonly Slot[]) =>
    slots.filter(({ modelReplicas }) =>
      modelReplicas.some((modelReplica) => modelReplica.workload === workload),
    ).length;
  const lost = machines.flatMap(({ gpus }) => (survive === 'machine' ? [gpus.flat()] : gpus));
  return Math.max(...lost.map(countIn));
}

const patternArbitrary = fc
  .record({ needed: fc.integer({ min: 1, max: 6 }), choice: fc.nat() })
  .map(({ needed, choice }) => {
    const patterns = spreadPatterns(needed, 14);
    return patterns[choice % patterns.length]!;
  });

describe('slots put on GPUs and machines', () => {
  it('lose no more replicas of a model at once than they may, and none is left out', () => {
    fc.assert(
      fc.property(
        fc.array(patternArbitrary, { minLength: 1, maxLength: MODELS.length }),
        fc.constantFrom('gpu', 'machine'),
        fc.constantFrom('timeSlices' as const, 'mig' as const),
        (patterns, survive, sharing) => {
          const problem = problemOf(survive, sharing);
          const slots = slotsFor(problem, patterns);
          const placement = placementOf(problem, slots);
          expect(slotsOf(placement)).toHaveLength(slots.length);
          for (const { gpus } of placement.machines) expect(gpus.length).toBeLessThanOrEqual(2);
          for (const [workload, { perFaultDomain }] of patterns.entries()) {
            const most = sharing === 'timeSlices' && survive === 'gpu' ? 1 : perFaultDomain;
            expect(mostLost(placement, workload, survive)).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: cases(60) },
    );
  });

  it('take no more machines than they need to be apart', () => {
    const problem = problemOf('machine', 'timeSlices');
    const twoEach = slotsFor(problem, [
      { replicas: 2, perFaultDomain: 1 },
      { replicas: 2, perFaultDomain: 1 },
    ]);
    expect(placementOf(problem, twoEach).machines).toHaveLength(2);
    expect(
      placementOf(problem, slotsFor(problem, [{ replicas: 4, perFaultDomain: 2 }])).machines,
    ).toHaveLength(2);
    expect(
      placementOf(problem, slotsFor(problem, [{ replicas: 3, perFaultDomain: 1 }])).machines,
    ).toHaveLength(3);
  });
});

describe('the numbers of replicas with which a failure is survived', () => {
  it('leave as many as are needed, on fewer GPUs or machines the more of them one may hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 14 }), (needed, mostOnOne) => {
        const patterns = spreadPatterns(needed, mostOnOne);
        expect(patterns[0]).toEqual({ replicas: needed + 1, perFaultDomain: 1 });
        const domains = patterns.map(({ replicas, perFaultDomain }) => Math.ceil(replicas / perFaultDomain));
        for (const [i, { replicas, perFaultDomain }] of patterns.entries()) {
          expect(replicas - perFaultDomain).toBe(needed);
          expect(perFaultDomain === 1 || perFaultDomain <= mostOnOne).toBe(true);
          if (i > 0) expect(domains[i]!).toBeLessThan(domains[i - 1]!);
        }
      }),
    );
  });
});
