import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { usesOf } from '../../src/plan/bound/called.js';
import { evaluate, meetsAll } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { placementOf } from '../../src/plan/master.js';
import { scenarioOf } from '../../src/plan/scenario-of.js';
import { SlotFeasibility } from '../../src/plan/search/slot-feasibility.js';
import { cases } from '../support/cases.js';
import { placementsBelow } from './support/placements-below.js';
import { linearProfile, machinesFor, smallPlan } from './support/small-plans.js';

const tensors = {
  input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [1] }],
  output: [{ name: 'Y', data_type: 'TYPE_FP32', dims: [1] }],
};
const step = (model_name: string, from: string, to: string) => ({
  model_name,
  input_map: { X: from },
  output_map: { Y: to },
});
const decoupled = {
  ...tensors,
  backend: 'python',
  max_batch_size: 8,
  model_transaction_policy: { decoupled: true },
};

interface Streams {
  readonly ratePerS: number;
  readonly responses?: object;
  readonly slo?: object;
  /** Whether another model works on each response. */
  readonly isPipeline?: boolean;
  readonly more?: Record<string, unknown>;
}

/** A model that answers with four responses, 20 ms apart. */
function planOf({
  ratePerS,
  responses = { mean: 4, law: 'constant', gapMs: 20 },
  slo = { limitMs: 150 },
  isPipeline = false,
  more = {},
}: Streams) {
  const profiles = ['tts', 'filter'].map((name) => linearProfile(name, 'gpu', { fixedMs: 2, perItemMs: 1 }));
  const ensemble = {
    ...tensors,
    platform: 'ensemble',
    max_batch_size: 8,
    ensemble_scheduling: { step: [step('filter', 'sound', 'Y'), step('tts', 'X', 'sound')] },
  };
  const models = [
    { name: 'tts', config: decoupled, responses },
    { name: 'filter' },
    { name: 'voice', config: ensemble },
  ];
  const model = isPipeline ? 'voice' : 'tts';
  const load = { process: { kind: 'poisson', ratePerS } };
  return smallPlan([], profiles, {
    models,
    batching: { maxBatchSizes: [1, 8], instances: [1, 2] },
    machines: machinesFor(profiles),
    tenants: [{ name: 'users', model, load, slo: { percentile: 95, ...slo } }],
    ...more,
  });
}

const streamsArbitrary = fc.record({
  load: fc.double({ min: 0.3, max: 1.6, noNaN: true }),
  responses: fc.record({
    mean: fc.constantFrom(0.4, 1, 3, 8),
    law: fc.constantFrom('constant', 'geometric'),
    firstMs: fc.constantFrom(0, 10),
    gapMs: fc.constantFrom(1, 20),
  }),
  slo: fc.record({ limitMs: fc.constantFrom(60, 500), percentile: fc.constantFrom(50, 90, 99) }),
  isPipeline: fc.boolean(),
  seed: fc.nat(1000),
});

describe('a plan of a decoupled model', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('keeps limits on first and next responses, by each way of looking at a device', () => {
    const holds = (slo: object) => {
      const problem = planOf({ ratePerS: 10, slo });
      const slot = { kind: 0, modelReplicas: [{ workload: 0, replicas: 1, option: problem.options[0]! }] };
      const whole = meetsAll(evaluate(problem, placementOf(problem, [slot]), problem.days[0]!));
      expect(new SlotFeasibility(problem).meets(slot)).toBe(whole);
      return whole;
    };
    expect(holds({ limitMs: 150 })).toBe(true);
    expect(holds({ limitMs: 150, firstResponseMs: 30, betweenResponsesMs: 25 })).toBe(true);
    expect(holds({ limitMs: 150, firstResponseMs: 2 })).toBe(false);
    expect(holds({ limitMs: 150, betweenResponsesMs: 15 })).toBe(false);
  });

  it.each([4, 0.4])('has steps after it execute once for each response (%d)', (mean) => {
    const problem = planOf({ ratePerS: 10, isPipeline: true, responses: { mean } });
    const uses = usesOf(problem.workloads[0]!);
    expect([uses.get('tts')!.mean.perInference, uses.get('filter')!.mean.perInference]).toEqual([1, mean]);
    expect(uses.get('filter')!.most.perInference).toBe(Math.ceil(mean));
  });

  it('writes how it responds, slower by the margin where it is simulated', () => {
    const problem = planOf({ ratePerS: 10, more: { marginPercent: 50 } });
    const slot = { kind: 0, modelReplicas: [{ workload: 0, replicas: 1, option: problem.options[0]! }] };
    const gapOf = (isWritten: boolean) => {
      const scenario = scenarioOf(problem, placementOf(problem, [slot]), { name: 'test', isWritten });
      const [server] = scenario['servers'] as { models: { responses: { gapMs: number } }[] }[];
      return server!.models[0]!.responses.gapMs;
    };
    expect([gapOf(false), gapOf(true)]).toEqual([30, 20]);
  });

  it('is bound by nothing that a placement does without', () => {
    let met = 0;
    fc.assert(
      fc.property(streamsArbitrary, ({ load, responses, isPipeline, seed, slo }) => {
        const ratePerS = (load * 1000) / (1.25 * (isPipeline ? 1 + responses.mean : 1));
        const more = { seed, durationS: 3 };
        met += placementsBelow(planOf({ ratePerS, responses, isPipeline, slo, more }), solve);
      }),
      { numRuns: cases(30) },
    );
    expect(met).toBeGreaterThan(0);
  });

  it('is refused where a limit is on responses of a model that gives one', () => {
    const models = [{ name: 'tts' }];
    const slo = { limitMs: 150, firstResponseMs: 20 };
    expect(() => planOf({ ratePerS: 5, slo, more: { models } })).toThrow(/"tts" gives one response/);
  });
});
