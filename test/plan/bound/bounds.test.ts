import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { drawBlocks, resampleBlocks } from '../../../src/plan/bootstrap.js';
import { planBounds } from '../../../src/plan/bound/bounds.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { fullLayouts } from '../../../src/plan/mig-layouts.js';
import { fitsTogether, migLayout } from '../../../src/scenario/mig.js';
import { cases } from '../../support/cases.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

describe('the lower bound of a plan', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });
  const boundOf = (ratePerS: number, more: Record<string, unknown> = {}) => {
    const profile = linearProfile('a', 'slow', { fixedMs: 0, perItemMs: 5 });
    const problem = smallPlan([{ model: 'a', ratePerS, limitMs: 100 }], [profile], more);
    return planBounds(problem, solve, { timeLimitS: 5 }).deviceTime;
  };

  it('is the device time over what a device has, rounded up to whole machines', () => {
    expect(boundOf(150)).toBeCloseTo(1, 3);
    expect(boundOf(500)).toBeCloseTo(3, 3);
  });

  it('counts what may be late, too: it has to be executed at some time, where the load goes on and on', () => {
    const profile = linearProfile('a', 'slow', { fixedMs: 0, perItemMs: 5 });
    const bounds = [99, 50, 1].map((percentile) => {
      const problem = smallPlan([{ model: 'a', ratePerS: 500, limitMs: 100, percentile }], [profile]);
      return planBounds(problem, solve, { timeLimitS: 5 }).deviceTime;
    });
    for (const bound of bounds) expect(bound).toBeCloseTo(3, 3);
  });

  it('never falls when the load rises', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 400 }), fc.integer({ min: 1, max: 200 }), (rate, extra) => {
        expect(boundOf(rate + extra)).toBeGreaterThanOrEqual(boundOf(rate) - 1e-6);
      }),
      { numRuns: cases(15) },
    );
  });

  it('is a number of GPUs where that is the goal, however dear they are', () => {
    const machines = [
      {
        name: 'm',
        gpu: 'slow',
        memoryMb: 16_000,
        machine: { kind: 'm', usdPerHour: 5000 },
        sharing: ['streams'],
      },
    ];
    expect(boundOf(300, { goal: 'gpus', machines })).toBeCloseTo(2, 3);
  });

  it('counts the devices that hold the models, of which none is divided among their memories', () => {
    const boundOfModels = (sizesMb: readonly number[], more: Record<string, unknown> = {}) => {
      const models = sizesMb.map((modelMb, i) => ({ name: `m${i}`, modelMb }));
      const profiles = models.map(({ name, modelMb }) =>
        linearProfile(name, 'slow', {
          fixedMs: 1,
          perItemMs: 0,
          more: { memory: { modelMb, perInstanceMb: 0, known: true } },
        }),
      );
      const tenants = models.map(({ name }) => ({ model: name, ratePerS: 1, limitMs: 100 }));
      const machines = machinesFor(profiles, { memoryMb: 10_000, limit: 20 });
      const problem = smallPlan(tenants, profiles, { machines, durationS: 6, ...more });
      return planBounds(problem, solve, { timeLimitS: 5 }).deviceTime;
    };
    expect(boundOfModels([5000, 5000, 2500, 2500])).toBeCloseTo(2, 3);
    // 18,000 MiB would do on two, but no two of the models on one.
    expect(boundOfModels([6000, 6000, 6000])).toBeCloseTo(3, 3);
    // Two on a device, or one of them with two small ones.
    expect(boundOfModels([4000, 4000, 4000, 3000, 3000, 3000])).toBeCloseTo(3, 3);
    expect(boundOfModels([6000, 6000, 4000], { survive: 'gpu' })).toBeCloseTo(4, 3);
  });

  it('counts the machines that a failure takes away', () => {
    expect(boundOf(20, { survive: 'gpu' })).toBeCloseTo(2, 3);
    expect(boundOf(500)).toBeCloseTo(3, 3);
    expect(boundOf(500, { survive: 'gpu' })).toBeCloseTo(4, 3);
  });

  it('counts of machines with several GPUs the GPU that is lost, or all of them', () => {
    const machines = [
      {
        name: 'm',
        gpu: 'slow',
        gpus: 2,
        memoryMb: 16_000,
        machine: { kind: 'm', usdPerHour: 1 },
        sharing: ['streams'],
      },
    ];
    // Three GPUs have to be left of four, or of six.
    expect(boundOf(500, { machines, survive: 'gpu' })).toBeCloseTo(2, 3);
    expect(boundOf(500, { machines, survive: 'machine' })).toBeCloseTo(3, 3);
  });
});

describe('full MIG layouts', () => {
  it('fit on the GPU, and no further slice does', () => {
    const layout = migLayout('A100-80GB')!;
    const names = layout.slices.map(({ name }) => name);
    const layouts = fullLayouts(layout, names);
    expect(layouts.length).toBeGreaterThan(5);
    for (const slices of layouts) expect(fitsTogether(slices, layout)).toBe(true);
    expect(new Set(layouts.map((slices) => slices.map(({ name }) => name).join())).size).toBe(layouts.length);
  });
});

describe('a day put together from blocks of another', () => {
  it('has the same length, ascending arrivals and about as many of them', () => {
    const arrivalUs = Float64Array.from({ length: 1000 }, (_, i) => i * 1000);
    const trace = { tenants: ['a'], arrivalUs, tenant: new Uint16Array(1000), durationUs: 1e6 };
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1000, max: 400_000 }), (seed, blockUs) => {
        const starts = drawBlocks(1e6, blockUs, new RandomStreams(seed).get('blocks'));
        const day = resampleBlocks(trace, blockUs, starts, 1e6);
        expect(day.durationUs).toBe(1e6);
        expect(day.arrivalUs.every((us, i) => us < 1e6 && (i === 0 || us >= day.arrivalUs[i - 1]!))).toBe(
          true,
        );
        expect(Math.abs(day.arrivalUs.length - 1000)).toBeLessThanOrEqual(1 + 1e6 / blockUs);
      }),
      { numRuns: cases(30) },
    );
  });
});
