import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../src/plan/placement.js';
import { placedSlotKey, placedSlots, SlotFeasibility } from '../../../src/plan/search/slot-feasibility.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from '../support/small-plans.js';

const DURATION_S = 20;
const OPTION = { maxBatchSize: 8, queueDelayMs: 0, instances: 1 };

/** Requests evenly spaced at these rates, each for so many seconds. */
function arrivals(steps: readonly { readonly ratePerS: number; readonly forS: number }[]): number[] {
  let from = 0;
  return steps.flatMap(({ ratePerS, forS }) => {
    const start = from;
    from += forS;
    return Array.from({ length: ratePerS * forS }, (_, i) => start + i / ratePerS);
  });
}

/** A device takes about 2,900 requests/s of each model in batches of eight. */
function feasibilityWith(loads: Readonly<Record<string, readonly number[]>>) {
  const models = Object.keys(loads);
  const profiles = models.map((model) => linearProfile(model, 'gpu', { fixedMs: 2, perItemMs: 0.1 }));
  const problem = smallPlan(
    models.map((model) => ({ model, ratePerS: 1, limitMs: 30 })),
    profiles,
    {
      durationS: DURATION_S,
      machines: machinesFor(profiles),
      tenants: models.map((model) => ({
        name: model,
        model,
        load: { trace: { file: model } },
        slo: { percentile: 99, limitMs: 30 },
      })),
    },
    Object.fromEntries(models.map((model) => [model, traceAt(loads[model]!, DURATION_S)])),
  );
  const slot: Slot = {
    kind: 0,
    modelReplicas: models.map((_, workload) => ({ workload, replicas: 1, option: OPTION })),
  };
  return { feasibility: new SlotFeasibility(problem), slot };
}

describe('a quick look at a device', () => {
  it('is taken where its load is highest, at whatever time of the run that is', () => {
    for (const busyAtS of [4, 10, 17]) {
      const steps = [
        { ratePerS: 1000, forS: busyAtS },
        { ratePerS: 5000, forS: 2 },
        { ratePerS: 1000, forS: DURATION_S - busyAtS - 2 },
      ];
      const { feasibility, slot } = feasibilityWith({ a: arrivals(steps) });
      expect(feasibility.meets(slot)).toBe(false);
      expect(feasibility.seemsToMeet(slot)).toBe(false);
    }
  });

  it('lets pass what takes its load at every time of the run', () => {
    const { feasibility, slot } = feasibilityWith({
      a: arrivals([
        { ratePerS: 1000, forS: 15 },
        { ratePerS: 2000, forS: 2 },
        { ratePerS: 1000, forS: 3 },
      ]),
    });
    expect(feasibility.seemsToMeet(slot)).toBe(true);
  });

  it('is taken of the whole run where a model is not asked in the busiest part', () => {
    const { feasibility, slot } = feasibilityWith({
      busy: arrivals([
        { ratePerS: 800, forS: 12 },
        { ratePerS: 2000, forS: 8 },
      ]),
      early: arrivals([{ ratePerS: 5000, forS: 3 }]),
    });
    expect(feasibility.meets(slot)).toBe(false);
    expect(feasibility.seemsToMeet(slot)).toBe(false);
  });
});

describe('the part of a load that a device gets', () => {
  /** A hundred requests a second, on two days, of which the second has other arrivals. */
  const problem = smallPlan(
    [{ model: 'a', ratePerS: 100, limitMs: 30 }],
    [linearProfile('a', 'gpu', { fixedMs: 2, perItemMs: 0.1 })],
    { days: { count: 1 }, mostReplicas: 3 },
  );
  const slotOf = (replicas: number): Slot => ({
    kind: 0,
    modelReplicas: [{ workload: 0, replicas, option: OPTION }],
  });
  const counted = problem.days.map(
    ({ traces }) => traces[0]!.arrivalUs.filter((us) => us >= problem.warmUpS * 1e6).length,
  );

  it('is dealt to the replicas in turn, on each day its own', () => {
    const feasibility = new SlotFeasibility(problem);
    expect(counted[0]).not.toBe(counted[1]);
    for (const replicas of [1, 2, 3]) {
      const turns = Array.from({ length: replicas }, (_, turn) =>
        feasibility.tally({ slot: slotOf(replicas), turns: [turn] }).map(([tally]) => tally!.settled),
      );
      for (const [day, all] of counted.entries()) {
        const parts = turns.map((ofDay) => ofDay[day]!);
        // Of requests at the very end nobody knows yet whether they are late.
        const sum = parts.reduce((total, part) => total + part, 0);
        expect(sum).toBeLessThanOrEqual(all);
        expect(sum).toBeGreaterThan(all - 10);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(3);
      }
    }
  });

  it('is to be met on every day, not on one of them', () => {
    const heavy = { ...problem.days[1]!, traces: [traceAt(arrivals([{ ratePerS: 5000, forS: 6 }]), 6)] };
    for (const days of [
      [problem.days[0]!, heavy],
      [heavy, problem.days[0]!],
    ]) {
      const feasibility = new SlotFeasibility({ ...problem, days });
      expect([feasibility.meets(slotOf(1)), feasibility.seemsToMeet(slotOf(1))]).toEqual([false, false]);
    }
  });

  it('is of no use where the device is known not to do', () => {
    const feasibility = new SlotFeasibility(problem);
    expect([feasibility.meets(slotOf(1)), feasibility.seemsToMeet(slotOf(1))]).toEqual([true, true]);
    feasibility.forbid([slotOf(1)]);
    expect([feasibility.meets(slotOf(1)), feasibility.seemsToMeet(slotOf(1))]).toEqual([false, false]);
    expect(feasibility.meets(slotOf(2))).toBe(true);
    feasibility.forbid([slotOf(2)]);
    expect([feasibility.meets(slotOf(1)), feasibility.meets(slotOf(2))]).toEqual([true, false]);
  });

  it('counts as asked for once, known or not, since counting began', () => {
    const feasibility = new SlotFeasibility(problem);
    for (const replicas of [1, 2]) feasibility.meets(slotOf(replicas));
    expect(feasibility.simulations).toBe(2);
    feasibility.startCounting();
    for (let i = 0; i < 2; i++) {
      feasibility.meets(slotOf(1));
      feasibility.seemsToMeet(slotOf(1));
      feasibility.tally({ slot: slotOf(2), turns: [1] });
    }
    feasibility.forbid([slotOf(3)]);
    feasibility.meets(slotOf(3));
    expect(feasibility.simulations).toBe(3);
  });
});

it('the replicas of a model have their turns in the order of the servers', () => {
  const machine = (...workloads: readonly number[]) => ({
    kind: 0,
    gpus: [
      [
        {
          kind: 0,
          modelReplicas: workloads.map((workload) => ({ workload, replicas: 2, option: OPTION })),
        },
      ],
    ],
  });
  const placed = placedSlots({ machines: [machine(0), machine(1, 0), machine(1)] });
  expect(placed.map(({ turns }) => turns)).toEqual([[0], [0, 1], [1]]);
  expect(new Set(placed.map(placedSlotKey)).size).toBe(3);
});
