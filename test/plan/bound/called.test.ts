import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { runBound } from '../../../src/plan/bound/bounds.js';
import { usesOf } from '../../../src/plan/bound/called.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { cases } from '../../support/cases.js';
import { placementsBelow } from '../support/placements-below.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

const callArbitrary = fc.record({
  call: fc.constantFrom('a', 'b'),
  per: fc.constantFrom('request', 'batch'),
  probability: fc.constantFrom(1, 1, 0.5, 0.05),
  inferences: fc.constantFrom(undefined, undefined, 2),
});

const stepArbitrary = fc.oneof(
  callArbitrary,
  callArbitrary.map((call) => ({ ...call, times: 3 })),
  fc.record({ ownMs: fc.constantFrom(1, 4) }),
  fc.record({ parallel: fc.array(callArbitrary, { minLength: 1, maxLength: 2 }) }),
);

const callerArbitrary = fc.record({
  calls: fc.array(stepArbitrary, { minLength: 1, maxLength: 4 }),
  fixedMs: fc.constantFrom(1, 5),
  perItemMs: fc.constantFrom(0.5, 3),
  limitMs: fc.constantFrom(40, 150, 600),
  percentile: fc.constantFrom(50, 90, 99),
  /** Of what one device can do at best. */
  load: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
  seed: fc.nat(1000),
});

const tensors = {
  input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [1] }],
  output: [{ name: 'Y', data_type: 'TYPE_FP32', dims: [1] }],
};

/** An ensemble of `a` and another ensemble, of which it takes one output: Triton leaves out `b` and `c`, which the other one needs. */
function prunedPlan(ratePerS: number, perItemMs: number, more: Record<string, unknown> = {}) {
  const times = { a: 1, b: perItemMs, c: perItemMs };
  const profiles = Object.entries(times).map(([name, ms]) =>
    linearProfile(name, 'gpu', { fixedMs: 1, perItemMs: ms }),
  );
  const ensemble = (name: string, steps: readonly object[], outputs = tensors.output) => ({
    name,
    config: {
      ...tensors,
      output: outputs,
      platform: 'ensemble',
      max_batch_size: 8,
      ensemble_scheduling: { step: steps },
    },
  });
  const step = (model_name: string, from: string, to: string) => ({
    model_name,
    input_map: { X: from },
    output_map: { Y: to },
  });
  const models = [
    ensemble('whole', [step('parts', 'X', 'half'), step('a', 'half', 'Y')]),
    ensemble(
      'parts',
      [step('a', 'X', 'Y'), step('b', 'X', 'between'), step('c', 'between', 'Z')],
      ['Y', 'Z'].map((name) => ({ ...tensors.output[0]!, name })),
    ),
    ...['a', 'b', 'c'].map((name) => ({ name, config: { ...tensors, backend: 'onnxruntime' } })),
  ].map((model) => ({ ...model, config: { max_batch_size: 8, ...model.config } }));
  const tenants = [{ model: 'whole', ratePerS, limitMs: 100, percentile: 90 }];
  const batching = { maxBatchSizes: [1, 8], instances: [1, 3] };
  return smallPlan(tenants, profiles, {
    models,
    batching,
    machines: machinesFor(profiles),
    durationS: 3,
    ...more,
  });
}

const prunedArbitrary = fc.record({
  perItemMs: fc.constantFrom(1, 10, 200),
  load: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
  seed: fc.nat(1000),
});

/** A model that calls two others. */
function planOf(
  calls: readonly object[],
  ratePerS: number,
  more: Record<string, unknown> = {},
  times = { fixedMs: 2, perItemMs: 1 },
) {
  const profiles = ['a', 'b'].map((name) => linearProfile(name, 'gpu', times));
  const models = [{ name: 'caller', calls }, { name: 'a' }, { name: 'b' }];
  const batching = { maxBatchSizes: [2, 8], instances: [1, 3] };
  const { limitMs = 100, percentile = 99, ...rest } = more as { limitMs?: number; percentile?: number };
  const tenants = [{ model: 'caller', ratePerS, limitMs, percentile }];
  return smallPlan(tenants, profiles, {
    models,
    batching,
    machines: machinesFor(profiles),
    durationS: 3,
    ...rest,
  });
}

function usesIn(problem: PlanProblem, model: string) {
  return usesOf(problem.workloads[0]!).get(model)!;
}

describe('a model that calls others', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('has them execute as often as it calls them, times the probability', () => {
    const calls = [
      { call: 'a' },
      {
        parallel: [
          { call: 'a', probability: 0.5 },
          { call: 'b', inferences: 2 },
        ],
      },
    ];
    const problem = planOf(calls, 10);
    expect(usesIn(problem, 'a').mean).toMatchObject({ perInference: 1.5, perRequest: 0 });
    expect(usesIn(problem, 'a').most).toMatchObject({ perInference: 2 });
    expect(usesIn(problem, 'b').mean).toMatchObject({ perInference: 0, perRequest: 2 });
  });

  it('needs no profile, and has more time of a device the more often it calls', () => {
    const bounds = [1, 2, 4].map((times) => {
      return runBound(planOf([{ call: 'a', times }], 600, { limitMs: 500 }), solve, { timeLimitS: 5 });
    });
    expect(bounds.map(Math.floor)).toEqual([1, 2, 3]);
  });

  it('is bound by nothing that a placement does without', () => {
    let met = 0;
    fc.assert(
      fc.property(callerArbitrary, ({ calls, fixedMs, perItemMs, load, seed, ...slo }) => {
        const times = { fixedMs, perItemMs };
        const { workloads } = planOf(calls, 1, {}, times);
        const [use] = [...usesOf(workloads[0]!).values()].slice(1);
        const inferences = use === undefined ? 1 : Math.max(0.2, use.mean.perInference + use.mean.perRequest);
        const ratePerS = Math.max(1, (load * 1000) / (inferences * (fixedMs / 8 + perItemMs)));
        const problem = planOf(calls, ratePerS, { ...slo, seed }, times);
        met += placementsBelow(problem, solve);
      }),
      { numRuns: cases(30) },
    );
    expect(met).toBeGreaterThan(0);
  });

  it('is refused where a call is wrong, at the place of the plan', () => {
    expect(() => planOf([{ call: 'c' }], 10)).toThrow(/"caller" calls "c", which models does not name/);
    expect(() => planOf([{ call: 'caller' }], 10)).toThrow(/caller > caller: it calls itself/);
  });
});

describe('an ensemble with steps that its answer does not need', () => {
  it('has their models execute never', () => {
    const { workloads } = prunedPlan(10, 1);
    const uses = usesOf(workloads[0]!);
    expect(['a', 'b', 'c'].map((model) => uses.get(model)!.mean.perInference)).toEqual([2, 0, 0]);
  });

  it('is bound by nothing that a placement does without', async () => {
    const solve = await loadSolver();
    let met = 0;
    fc.assert(
      fc.property(prunedArbitrary, ({ perItemMs, load, seed }) => {
        met += placementsBelow(prunedPlan((load * 1000) / 2.25, perItemMs, { seed }), solve);
      }),
      { numRuns: cases(10) },
    );
    expect(met).toBeGreaterThan(0);
  });
});

const sharedArbitrary = fc.record({
  limitMs: fc.constantFrom(40, 150),
  percentile: fc.constantFrom(50, 90, 99),
  perItemMs: fc.constantFrom(0.5, 3),
  /** Of what one device can do at best, and the part of it that is asked for without the caller. */
  load: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
  part: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
  seed: fc.nat(1000),
});

describe('a model that clients call as well as another model', () => {
  it('is bound by nothing that a placement does without', async () => {
    const solve = await loadSolver();
    let met = 0;
    fc.assert(
      fc.property(sharedArbitrary, ({ perItemMs, load, part, seed, limitMs, percentile }) => {
        const perS = (load * 1000) / (0.2 + perItemMs);
        const profiles = ['a', 'b'].map((name) => linearProfile(name, 'gpu', { fixedMs: 1, perItemMs }));
        const tenants = [
          { model: 'caller', ratePerS: Math.max(1, (perS * (1 - part)) / 2), limitMs, percentile },
          { model: 'a', ratePerS: Math.max(1, perS * part), limitMs: limitMs / 2, percentile: 90 },
        ];
        const problem = smallPlan(tenants, profiles, {
          models: [{ name: 'caller', calls: [{ call: 'a' }, { call: 'b' }] }, { name: 'a' }, { name: 'b' }],
          batching: { maxBatchSizes: [1, 8], instances: [1, 3] },
          machines: machinesFor(profiles),
          durationS: 3,
          seed,
        });
        expect(problem.workloads).toHaveLength(1);
        met += placementsBelow(problem, solve);
      }),
      { numRuns: cases(40) },
    );
    expect(met).toBeGreaterThan(0);
  });
});
