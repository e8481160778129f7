import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { usesOf } from '../../src/plan/bound/called.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { placementOf } from '../../src/plan/master.js';
import { scenarioOf } from '../../src/plan/scenario-of.js';
import { cases } from '../support/cases.js';
import { placementsBelow } from './support/placements-below.js';
import { linearProfile, machinesFor, smallPlan } from './support/small-plans.js';

const TENSORS = {
  input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [1] }],
  output: [{ name: 'Y', data_type: 'TYPE_FP32', dims: [1] }],
};

interface Texts {
  readonly ratePerS: number;
  readonly iterations?: object;
  readonly strategy?: object;
  readonly limitMs?: number;
  readonly more?: Record<string, unknown>;
}

/** Requests that are executed four times each, of 3 ms alone. */
function planOf({
  ratePerS,
  iterations = { mean: 4, law: 'constant' },
  strategy = { oldest: { max_candidate_sequences: 16 } },
  limitMs = 100,
  more = {},
}: Texts) {
  const profiles = [linearProfile('writer', 'gpu', { fixedMs: 2, perItemMs: 1 })];
  const sequences = { iterative_sequence: true, ...strategy };
  const config = { ...TENSORS, backend: 'python', max_batch_size: 4, sequence_batching: sequences };
  const load = { process: { kind: 'poisson', ratePerS } };
  return smallPlan([], profiles, {
    models: [{ name: 'writer', config, iterations }],
    batching: { maxBatchSizes: [1, 4] },
    machines: machinesFor(profiles),
    tenants: [{ name: 'users', model: 'writer', load, slo: { percentile: 95, limitMs } }],
    ...more,
  });
}

const textsArbitrary = fc.record({
  ratePerS: fc.integer({ min: 1, max: 120 }),
  iterations: fc.record({
    mean: fc.constantFrom(1, 3, 8),
    law: fc.constantFrom('constant', 'geometric'),
  }),
  limitMs: fc.constantFrom(15, 60, 300),
  strategy: fc.constantFrom({ direct: {} }, { oldest: {} }, { oldest: { max_candidate_sequences: 64 } }),
});

describe('a plan of a model with iterative sequences', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('counts each execution of a request, and writes how many there are', () => {
    const problem = planOf({ ratePerS: 10 });
    expect(usesOf(problem.workloads[0]!).get('writer')!.mean.perInference).toBe(4);
    const slot = { kind: 0, modelReplicas: [{ workload: 0, replicas: 1, option: problem.options[0]! }] };
    const scenario = scenarioOf(problem, placementOf(problem, [slot]), { name: 'test' });
    const [server] = scenario['servers'] as { models: Record<string, unknown>[] }[];
    expect(server!.models[0]).toMatchObject({
      iterations: { mean: 4, law: 'constant' },
      config: { sequence_batching: { iterative_sequence: true } },
    });
  });

  it('is bound by nothing that a placement does without', () => {
    let met = 0;
    fc.assert(
      fc.property(textsArbitrary, fc.nat(1000), (texts, seed) => {
        met += placementsBelow(planOf({ ...texts, more: { seed, durationS: 3 } }), solve);
      }),
      { numRuns: cases(40) },
    );
    expect(met).toBeGreaterThan(0);
  });

  it('is refused where nobody says how often a request is executed', () => {
    const models = [{ name: 'writer', config: { ...TENSORS, backend: 'python', max_batch_size: 4 } }];
    const iterative = { ...models[0]!.config, sequence_batching: { iterative_sequence: true } };
    expect(() => planOf({ ratePerS: 5, more: { models: [{ name: 'writer', config: iterative }] } })).toThrow(
      /"writer" has iterative sequences; write iterations/,
    );
  });
});
