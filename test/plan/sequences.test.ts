import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { evaluate, meetsAll } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { placementOf } from '../../src/plan/master.js';
import { slotsOf } from '../../src/plan/placement.js';
import { scenarioOf } from '../../src/plan/scenario-of.js';
import { placedSlots, SlotFeasibility } from '../../src/plan/search/slot-feasibility.js';
import { cases } from '../support/cases.js';
import { answered } from './support/answered.js';
import { placementsBelow } from './support/placements-below.js';
import { linearProfile, machinesFor, smallPlan } from './support/small-plans.js';

const tensors = {
  input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [1] }],
  output: [{ name: 'Y', data_type: 'TYPE_FP32', dims: [1] }],
};

interface Streams {
  readonly ratePerS: number;
  readonly requests?: number;
  readonly gapMs?: number;
  readonly limitMs?: number;
  readonly strategy?: object;
  readonly law?: 'constant' | 'geometric';
  readonly more?: Record<string, unknown>;
}

/** Sequences of 20 requests, one every 50 ms, for a model with four places in a batch. */
function planOf({
  ratePerS,
  requests = 20,
  gapMs = 50,
  limitMs = 60,
  strategy = { direct: {} },
  law = 'constant',
  more = {},
}: Streams) {
  const profiles = [linearProfile('speech', 'gpu', { fixedMs: 2, perItemMs: 1 })];
  return smallPlan([], profiles, {
    models: [
      {
        name: 'speech',
        config: { ...tensors, backend: 'python', max_batch_size: 4, sequence_batching: strategy },
      },
    ],
    batching: { maxBatchSizes: [1, 4] },
    machines: machinesFor(profiles),
    tenants: [
      {
        name: 'speech',
        model: 'speech',
        load: { process: { kind: 'poisson', ratePerS } },
        sequences: { requests, gapMs, law },
        slo: { percentile: 95, limitMs },
      },
    ],
    ...more,
  });
}

const streamsArbitrary = fc.record({
  ratePerS: fc.integer({ min: 1, max: 40 }),
  requests: fc.integer({ min: 1, max: 30 }),
  gapMs: fc.constantFrom(5, 20, 100),
  limitMs: fc.constantFrom(15, 40, 200),
  law: fc.constantFrom('constant' as const, 'geometric' as const),
  strategy: fc.constantFrom(
    { direct: {} },
    { direct: { minimum_slot_utilization: 0.5, max_queue_delay_microseconds: 5000 } },
    { oldest: {} },
    { oldest: { max_candidate_sequences: 64 } },
  ),
});

describe('a plan of a model with sequences', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('has as many instances on a device as its sequences need slots', () => {
    const problem = planOf({ ratePerS: 10 });
    const { sequencesInFlight = 0 } = problem.workloads[0]!;
    expect(sequencesInFlight).toBeGreaterThan(9);
    const [first] = slotsOf(answered(problem, solve, 30).candidates[0]!.placement);
    const { option, replicas } = first!.modelReplicas[0]!;
    const scenario = scenarioOf(problem, placementOf(problem, [first!]), { name: 'test' });
    const [server] = scenario['servers'] as {
      models: { config: { instance_group: { count: number }[] } }[];
    }[];
    expect(server!.models[0]!.config.instance_group[0]!.count).toBe(
      Math.ceil(sequencesInFlight / replicas / option.maxBatchSize),
    );
  });

  it('is met by several devices, among which no sequence is divided', () => {
    const problem = planOf({ ratePerS: 40 });
    const slot = { kind: 0, modelReplicas: [{ workload: 0, replicas: 2, option: problem.options.at(-1)! }] };
    const placement = placementOf(problem, [slot, slot]);
    const whole = evaluate(problem, placement, problem.days[0]!);
    expect(whole.summary.tenants[0]!.counts.rejected).toBe(0);
    const feasibility = new SlotFeasibility(problem);
    const late = placedSlots(placement).flatMap((placed) => feasibility.tally(placed).flat());
    const counted = late.reduce((sum, { settled }) => sum + settled, 0);
    expect(late.every(({ settled }) => settled > 0.3 * counted)).toBe(true);
    const { slo } = whole.summary.tenants[0]!;
    const lateShare = late.reduce((sum, one) => sum + one.late, 0) / counted;
    expect(lateShare).toBeCloseTo(1 - slo!.attainment.value, 2);
  });

  it('is bound by nothing that a placement does without', () => {
    let met = 0;
    fc.assert(
      fc.property(streamsArbitrary, fc.nat(1000), (streams, seed) => {
        met += placementsBelow(planOf({ ...streams, more: { seed, durationS: 3 } }), solve);
      }),
      { numRuns: cases(40) },
    );
    expect(met).toBeGreaterThan(0);
  });

  it('bears other loads, of which each has whole sequences', () => {
    const problem = planOf({ ratePerS: 6 });
    const { loadPoints } = answered(problem, solve, 60);
    expect(loadPoints.length).toBeGreaterThan(2);
    for (const { factor, evaluated } of loadPoints) if (factor <= 1) expect(meetsAll(evaluated)).toBe(true);
    for (const { evaluated } of loadPoints) expect(evaluated.summary.tenants[0]!.counts.rejected).toBe(0);
  });

  it('is refused where its tenants send no sequences, or others do', () => {
    const load = { process: { kind: 'poisson', ratePerS: 5 } };
    const tenants = [{ name: 'plain', model: 'speech', load }];
    expect(() => planOf({ ratePerS: 5, more: { tenants } })).toThrow(/"speech" takes sequences/);
    const models = [{ name: 'speech' }];
    expect(() => planOf({ ratePerS: 5, more: { models } })).toThrow(/"speech" has no sequence batching/);
  });
});
