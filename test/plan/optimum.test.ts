import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { evaluate, keepsAll } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { driveInline, JobRunner } from '../../src/plan/jobs.js';
import { usdPerHourOf } from '../../src/plan/master.js';
import type { Placement, ServingOption, Slot } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { searchPlacement } from '../../src/plan/search.js';
import { linearProfile, smallPlan } from './small-plans.js';

const MODELS = ['a', 'b', 'c'];

const tenantArbitrary = fc.record({
  ratePerS: fc.integer({ min: 10, max: 260 }),
  limitMs: fc.integer({ min: 25, max: 120 }),
  fixedMs: fc.integer({ min: 1, max: 8 }),
  perItemMs: fc.double({ min: 0.5, max: 4, noNaN: true }),
  speedUp: fc.double({ min: 1, max: 3, noNaN: true }),
});

const planArbitrary = fc.array(tenantArbitrary, { minLength: 1, maxLength: MODELS.length });

describe('the best placement of a small plan', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('is within 1 % of the cheapest of all that there are, each simulated in full', () => {
    fc.assert(
      fc.property(planArbitrary, (tenants) => {
        const profiles = tenants.flatMap(({ fixedMs, perItemMs, speedUp }, i) => [
          linearProfile(MODELS[i]!, 'slow', { fixedMs, perItemMs }),
          linearProfile(MODELS[i]!, 'fast', { fixedMs: fixedMs / speedUp, perItemMs: perItemMs / speedUp }),
        ]);
        const named = tenants.map(({ ratePerS, limitMs }, i) => ({ model: MODELS[i]!, ratePerS, limitMs }));
        const problem = smallPlan(named, profiles);
        const runner = new JobRunner(problem);
        const found = driveInline(searchPlacement(problem, { solve, remainingS: () => 1000 }), runner, {
          remainingS: () => 1000,
        });
        const usd = found.best === undefined ? Infinity : usdPerHourOf(problem, found.best);
        expect(found.days.every(keepsAll)).toBe(true);
        // The reference looks at no more than three machines; dearer answers could have more.
        if (usd > MOST_USD && usd < Infinity) return;
        const least = cheapestOfAll(problem, usd);
        if (usd === Infinity) expect(least).toBe(Infinity);
        else expect(usd).toBeLessThanOrEqual(least * 1.01);
      }),
      { numRuns: 20 },
    );
  });
});

const MOST_USD = 3.7;

/** Tries every placement that is cheaper than `below`, without any shortcut; gives the least cost. */
function cheapestOfAll(problem: PlanProblem, below: number): number {
  let best = below;
  for (const kinds of machineLists(problem)) {
    const usd = kinds.reduce((sum, kind) => sum + problem.machines[kind]!.machine.usdPerHour, 0);
    if (usd >= best) continue;
    for (const slots of fillings(problem, kinds)) {
      const placement: Placement = {
        machines: slots.map((slot, m) => ({
          kind: kinds[m]!,
          gpus: slot.pieces.length === 0 ? [] : [{ machineKind: kinds[m]!, slots: [slot] }],
        })),
      };
      if (!keepsAll(evaluate(problem, placement, problem.days[0]!))) continue;
      best = usd;
      break;
    }
  }
  return best;
}

/** All lists of one to three machines, kinds ascending. */
function machineLists({ machines }: PlanProblem): number[][] {
  const longer = (lists: number[][]) =>
    lists.flatMap((list) =>
      machines.flatMap((_, kind) => (kind >= (list.at(-1) ?? 0) ? [[...list, kind]] : [])),
    );
  const one = longer([[]]);
  const two = longer(one);
  return [...one, ...two, ...longer(two)];
}

/** Every choice of devices (as bits) and options for each model. */
function* fillings(problem: PlanProblem, kinds: readonly number[]): Generator<Slot[]> {
  const choices = problem.demands.map(() => devicesAndOptions(problem, kinds.length));
  yield* extend(0, []);

  function* extend(at: number, chosen: readonly [number[], ServingOption][]): Generator<Slot[]> {
    if (at === choices.length) {
      yield kinds.map((machine, m) => ({
        kind: problem.machines[machine]!.wholeSlots[0]!,
        pieces: chosen.flatMap(([devices, option], demand) =>
          devices.includes(m) ? [{ demand, replicas: devices.length, option }] : [],
        ),
      }));
      return;
    }
    for (const choice of choices[at]!) yield* extend(at + 1, [...chosen, choice]);
  }
}

function devicesAndOptions({ options, spec }: PlanProblem, devices: number): [number[], ServingOption][] {
  const sets = Array.from({ length: 2 ** devices - 1 }, (_, bits) =>
    Array.from({ length: devices }, (_, d) => d).filter((d) => ((bits + 1) >> d) & 1),
  );
  return sets
    .filter(({ length }) => length <= spec.mostReplicas)
    .flatMap((set) => options.map((option): [number[], ServingOption] => [set, option]));
}
