import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movesBetween } from '../../../src/plan/migration/moves.js';
import type { ModelReplica, Placement, ServingOption, Slot } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { cases } from '../../support/cases.js';

/** Two kinds of device; loading model d takes 100 (d + 1) ms on the first and twice as long on the second. */
const PROBLEM = {
  workloads: [0, 1, 2, 3].map((d) => ({
    profiles: [100, 200].map((ms) => ({ load: { loadMs: ms * (d + 1) } })),
  })),
  slotKinds: [{ device: 'A' }, { device: 'B' }],
  spec: { survive: 'nothing' },
} as unknown as PlanProblem;

const OPTION: ServingOption = { maxBatchSize: 8, queueDelayMs: 0, instances: 1 };

/** Slots on a machine each. */
function placementOf(slots: readonly Slot[]): Placement {
  return { machines: slots.map((slot) => ({ kind: 0, gpus: [[slot]] })) };
}

function slotOf(kind: number, workloads: readonly number[], more: Partial<ModelReplica> = {}): Slot {
  return {
    kind,
    modelReplicas: workloads.map((workload) => ({ workload, replicas: 1, option: OPTION, ...more })),
  };
}

const movesOf = (from: readonly Slot[], to: readonly Slot[]) =>
  movesBetween(PROBLEM, placementOf(from), placementOf(to));

const anySlots = fc.array(
  fc
    .tuple(
      fc.constantFrom(0, 0, 1),
      fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
    )
    .map(([kind, workloads]) => slotOf(kind, workloads)),
  { minLength: 1, maxLength: 4 },
);

/** The fewest loads of any way to take devices over from the one placement into the other. */
function fewest(from: readonly Slot[], to: readonly Slot[]): number {
  const [slot, ...rest] = to;
  if (slot === undefined) return 0;
  const anew = slot.modelReplicas.length + fewest(from, rest);
  const kept = from.map((old, i) => {
    if (old.kind !== slot.kind) return Number.POSITIVE_INFINITY;
    const known = new Set(old.modelReplicas.map(({ workload }) => workload));
    const fresh = slot.modelReplicas.filter(({ workload }) => !known.has(workload)).length;
    return fresh + fewest(from.toSpliced(i, 1), rest);
  });
  return Math.min(anew, ...kept);
}

describe('moves from one placement to another', () => {
  it('are none where a model without a batch dimension gets other batches: it is served as before', () => {
    const workloads = PROBLEM.workloads.map((workload) => ({ ...workload, isUnbatched: true }));
    const [from, to] = [1, 8].map((maxBatchSize) =>
      placementOf([slotOf(0, [0], { option: { ...OPTION, maxBatchSize } })]),
    );
    expect(movesBetween({ ...PROBLEM, workloads }, from!, to!).moves).toBe(0);
    expect(movesBetween(PROBLEM, from!, to!).moves).toBe(1);
  });

  it('are none where only the order of devices and models and the shares of requests differ', () => {
    const law = fc.property(anySlots, (slots) => {
      const same = slots.toReversed().map(({ kind, modelReplicas }) => ({
        kind,
        modelReplicas: modelReplicas.toReversed().map((modelReplica) => ({ ...modelReplica, replicas: 3 })),
      }));
      expect(movesOf(slots, same)).toEqual({ moves: 0, loadMs: 0 });
    });
    fc.assert(law);
  });

  it.each([{ maxBatchSize: 4 }, { queueDelayMs: 1 }, { instances: 2 }])(
    'load a model anew whose settings change: %o',
    (change) => {
      const changed = slotOf(0, [0, 1]);
      const [first, second] = changed.modelReplicas;
      const to = { kind: 0, modelReplicas: [first!, { ...second!, option: { ...OPTION, ...change } }] };
      expect(movesOf([changed], [to])).toEqual({ moves: 1, loadMs: 200 });
    },
  );

  it('take as long as the device that has most to load', () => {
    expect(movesOf([], [slotOf(0, [0, 1]), slotOf(1, [0, 3])])).toEqual({ moves: 4, loadMs: 1000 });
    expect(movesOf([slotOf(1, [3])], [slotOf(0, [0, 1]), slotOf(1, [0, 3])])).toEqual({
      moves: 3,
      loadMs: 300,
    });
  });

  it('are the fewest', () => {
    const law = fc.property(anySlots, anySlots, (from, to) => {
      expect(movesOf(from, to).moves).toBe(fewest(from, to));
    });
    fc.assert(law, { numRuns: cases(1000) });
  });
});
