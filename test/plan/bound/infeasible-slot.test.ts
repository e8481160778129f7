import { describe, expect, it } from 'vitest';
import { chanceOf, shortestRatio } from '../../../src/plan/bound/chance.js';
import { isInfeasible } from '../../../src/plan/bound/infeasible-slot.js';
import type { ModelProfile, Spread } from '../../../src/profile/profile.js';
import { linearProfile, smallPlan, traceAt } from '../support/small-plans.js';

/** A device that executes single requests in 5 ms, and so much of its time asked for in 4 s. */
function infeasible(
  share: number,
  { replicas = 1, percentile = 99, size = 1 }: { replicas?: number; percentile?: number; size?: number } = {},
): boolean {
  const count = Math.round((share * 4) / 0.005);
  const arrivalsS = Array.from({ length: count }, (_, i) => ((i + 0.5) * 4) / count);
  const tenants = [
    {
      name: 'a',
      model: 'a',
      load: { trace: { file: 'a' } },
      batchSize: size,
      slo: { percentile, limitMs: 100 },
    },
  ];
  const plan = { durationS: 4, warmUpS: 0, batching: { maxBatchSizes: [size] }, tenants };
  const profile = linearProfile('a', 'gpu', { fixedMs: 0, perItemMs: 5 });
  const problem = smallPlan([], [profile], plan, { a: traceAt(arrivalsS, 4) });
  return isInfeasible(problem, {
    kind: 0,
    modelReplicas: [{ workload: 0, replicas, option: problem.options[0]! }],
  });
}

describe('a device', () => {
  it('is infeasible where it is asked for more than its time, of every inference', () => {
    expect([infeasible(0.95), infeasible(1.3)]).toEqual([false, true]);
    expect([infeasible(0.3, { size: 2 }), infeasible(0.65, { size: 2 })]).toEqual([false, true]);
  });

  it('is infeasible where models together ask for more than its time, of which each asks for less', () => {
    const names = ['a', 'b'];
    const together = (share: number) => {
      const profiles = names.map((name) => linearProfile(name, 'gpu', { fixedMs: 5, perItemMs: 0 }));
      const plan = {
        batching: { maxBatchSizes: [1] },
        tenants: names.map((model) => ({
          name: model,
          model,
          load: { process: { kind: 'constant', ratePerS: share * 200 } },
          slo: { percentile: 99, limitMs: 100 },
        })),
      };
      const problem = smallPlan([], profiles, plan);
      const modelReplicas = names.map((_, workload) => ({
        workload,
        replicas: 1,
        option: problem.options[0]!,
      }));
      return isInfeasible(problem, { kind: 0, modelReplicas });
    };
    expect([together(0.45), together(0.7)]).toEqual([false, true]);
  });

  it('has its part alone of what several replicas are asked for', () => {
    expect([infeasible(1.3, { replicas: 2 }), infeasible(2.6, { replicas: 2 })]).toEqual([false, true]);
  });

  it('need not do what may be late', () => {
    expect([infeasible(1.6, { percentile: 50 }), infeasible(2.6, { percentile: 50 })]).toEqual([false, true]);
  });
});

describe('what chance does to executions', () => {
  const spreadOf = (ratios: readonly number[]) => ({ law: 'empirical', ratios }) as unknown as Spread;
  const profile: ModelProfile = {
    ...linearProfile('a', 'gpu', { fixedMs: 5, perItemMs: 0 }),
    spread: spreadOf([0.5, 1, 1.5]),
  };

  it('is told by what was measured: the shortest of them, and how they scatter', () => {
    expect(shortestRatio(profile)).toBe(0.5);
    expect(chanceOf(profile, 1).cv).toBeCloseTo(Math.sqrt(0.5 / 3), 9);
  });

  it('is nothing without a spread', () => {
    const constant = { ...profile, spread: { law: 'none' } as const };
    expect([shortestRatio(constant), chanceOf(constant, 1).cv]).toEqual([1, 0]);
  });
});
