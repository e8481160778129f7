import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { meetsAll } from '../../../src/plan/evaluate.js';
import { usdPerHourOf } from '../../../src/plan/goal.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { someOf } from '../../support/cases.js';
import { cheapestPartition } from '../support/all-partitions.js';
import { searched } from '../support/answered.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

/** Models with random loads and limits, on up to `limit` machines of each of two kinds at random prices. */
function randomMix(models: number, seed: number, limit: number, load = 1.2): PlanProblem {
  const random = new RandomStreams(seed).get('mix');
  const between = (from: number, to: number) => from + (to - from) * random.next();
  const drawn = Array.from({ length: models }, (_, i) => ({
    model: `m${i}`,
    ratePerS: Math.round(load * between(20, 110)),
    limitMs: Math.round(between(40, 140)),
    fixedMs: between(1, 6),
    perItemMs: between(0.5, 3),
    speedUp: between(0.5, 3),
  }));
  const profiles = drawn.flatMap(({ model, fixedMs, perItemMs, speedUp }) => [
    linearProfile(model, 'one', { fixedMs, perItemMs }),
    linearProfile(model, 'other', { fixedMs: fixedMs / speedUp, perItemMs: perItemMs / speedUp }),
  ]);
  const machines = machinesFor(profiles).map((machine) => ({
    ...machine,
    limit,
    machine: { ...machine.machine, usdPerHour: Number(between(0.8, 1.6).toFixed(2)) },
  }));
  return smallPlan(drawn, profiles, { machines, durationS: 2, batching: { maxBatchSizes: [4, 16] } });
}

describe('a fleet of seven models on two kinds of machines', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  const answerOf = (problem: PlanProblem, mostSimulations: number) =>
    searched(problem, solve, mostSimulations);

  it.each(someOf([27, 22, 23, 26]))(
    'costs at most a hundredth more than the cheapest of all partitions on three machines (draw %i)',
    (seed) => {
      const problem = randomMix(7, seed, 1 + (seed % 2));
      const found = answerOf(problem, 1000);
      const least = cheapestPartition(problem, 3);
      expect(least).toBeLessThan(Infinity);
      expect(found.days.every(meetsAll)).toBe(true);
      expect(usdPerHourOf(problem, found.best!)).toBeLessThanOrEqual(least * 1.01);
      expect(found.bound).toBeLessThanOrEqual(least + TIES);
    },
  );

  it('spends no more simulations than it may, but for those of the job under way', () => {
    const { simulations } = answerOf(randomMix(7, 23, 2), 300);
    expect(simulations).toBeLessThanOrEqual(300 + 150);
  });
});

describe('a fleet of more models than all placements can be looked at', () => {
  it('is placed on a mix of kinds where none of them has machines enough', async () => {
    const problem = randomMix(16, 46, 2, 1.1);
    const found = searched(problem, await loadSolver(), 1000);
    expect(found.days.every(meetsAll)).toBe(true);
    expect(new Set(found.best?.machines.map(({ kind }) => kind)).size).toBe(2);
  });

  it('shares what can be shared where two models are too large for that', async () => {
    // Each takes a tenth of a device, of whose memory it has a quarter; the large ones fit only where one model is by itself.
    const names = Array.from({ length: 16 }, (_, i) => `m${i}`);
    const isLarge = (model: string) => model === 'm3' || model === 'm9';
    const memory = (modelMb: number) => ({ memory: { modelMb, perInstanceMb: 0, known: true } });
    const profiles = names.map((model) =>
      linearProfile(model, isLarge(model) ? 'large' : 'small', {
        fixedMs: 0,
        perItemMs: 5,
        more: memory(isLarge(model) ? 30_000 : 4000),
      }),
    );
    const machineOf = (gpu: string, memoryMb: number, usdPerHour: number, sharing: string) => ({
      name: gpu,
      gpu,
      memoryMb,
      machine: { kind: gpu, usdPerHour },
      sharing: [sharing],
    });
    const machines = [
      machineOf('small', 16_000, 1, 'timeSlices'),
      machineOf('large', 40_000, 3, 'exclusive'),
    ];
    const tenants = names.map((model) => ({ model, ratePerS: 20, limitMs: 100 }));
    const problem = smallPlan(tenants, profiles, { machines, durationS: 2 });
    const found = searched(problem, await loadSolver(), 400);
    expect(found.days.every(meetsAll)).toBe(true);
    expect(usdPerHourOf(problem, found.best!)).toBe(Math.ceil(14 / 4) + 2 * 3);
  });
});

/** Goals have a tiny part for each GPU, so that there are no ties. */
const TIES = 1e-3;
