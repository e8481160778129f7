import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placementOf } from '../../src/plan/master.js';
import { type Placement, type Slot, slotsOf } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { spreadPatterns } from '../../src/plan/replicas.js';
import { linearProfile, smallPlan } from './small-plans.js';

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
  patterns: readonly { replicas: number; lostAtOnce: number }[],
): Slot[] {
  const option = problem.options[0]!;
  const kind = problem.slotKinds.length - 1;
  return patterns.flatMap(({ replicas, lostAtOnce }, demand) =>
    Array.from({ length: replicas }, () => ({ kind, pieces: [{ demand, replicas, lostAtOnce, option }] })),
  );
}

/** Most replicas of a model that go with one machine, or one GPU. */
function mostLost({ machines }: Placement, demand: number, survive: string): number {
  const countIn = (slots: readonly Slot[]) =>
    slots.filter(({ pieces }) => pieces.some((piece) => piece.demand === demand)).length;
  const lost = machines.flatMap(({ gpus }) =>
    survive === 'machine' ? [gpus.flatMap(({ slots }) => slots)] : gpus.map(({ slots }) => slots),
  );
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
          for (const [demand, { lostAtOnce }] of patterns.entries()) {
            const most = sharing === 'timeSlices' && survive === 'gpu' ? 1 : lostAtOnce;
            expect(mostLost(placement, demand, survive)).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('take no more machines than they need to be apart', () => {
    const problem = problemOf('machine', 'timeSlices');
    const twoEach = slotsFor(problem, [
      { replicas: 2, lostAtOnce: 1 },
      { replicas: 2, lostAtOnce: 1 },
    ]);
    expect(placementOf(problem, twoEach).machines).toHaveLength(2);
    expect(placementOf(problem, slotsFor(problem, [{ replicas: 4, lostAtOnce: 2 }])).machines).toHaveLength(
      2,
    );
    expect(placementOf(problem, slotsFor(problem, [{ replicas: 3, lostAtOnce: 1 }])).machines).toHaveLength(
      3,
    );
  });
});

describe('the numbers of replicas with which a loss is survived', () => {
  it('leave as many as are needed, on fewer GPUs or machines the more of them one may hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 14 }), (needed, mostOnOne) => {
        const patterns = spreadPatterns(needed, mostOnOne);
        expect(patterns[0]).toEqual({ replicas: needed + 1, lostAtOnce: 1 });
        const domains = patterns.map(({ replicas, lostAtOnce }) => Math.ceil(replicas / lostAtOnce));
        for (const [i, { replicas, lostAtOnce }] of patterns.entries()) {
          expect(replicas - lostAtOnce).toBe(needed);
          expect(lostAtOnce === 1 || lostAtOnce <= mostOnOne).toBe(true);
          if (i > 0) expect(domains[i]!).toBeLessThan(domains[i - 1]!);
        }
      }),
    );
  });
});
