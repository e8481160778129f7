import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { planBounds } from '../../src/plan/bound/bounds.js';
import { evaluate } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { placementOf } from '../../src/plan/master.js';
import { fitsMemory } from '../../src/plan/memory.js';
import { slotsOf } from '../../src/plan/placement.js';
import { scenarioOf } from '../../src/plan/scenario-of.js';
import { reportedDevices } from '../../src/report/plan/plan-devices.js';
import { cases } from '../support/cases.js';
import { answered } from './support/answered.js';
import { placementsBelow } from './support/placements-below.js';
import { linearProfile, machinesFor, smallPlan } from './support/small-plans.js';

const vllm = { backend: 'vllm', instance_group: [{ kind: 'KIND_MODEL' }] };

interface Chats {
  readonly ratePerS: number;
  readonly tokens?: object;
  readonly slo?: object;
  readonly kvTokens?: number;
  readonly memoryMb?: number;
  readonly more?: Record<string, unknown>;
}

/** A language model whose decode steps take 4 ms and 0.5 ms for each sequence, and a network beside it. */
function planOf({
  ratePerS,
  tokens = { prompt: { mean: 50, cv: 1 }, output: { mean: 20, cv: 0.5 } },
  slo = { limitMs: 600 },
  kvTokens = 4000,
  memoryMb,
  more = {},
}: Chats) {
  const engine = { prefillMsPerToken: 0.02, kvTokens };
  const profiles = [
    linearProfile('chat', 'gpu', { fixedMs: 4, perItemMs: 0.5, more: { engine } }),
    linearProfile('net', 'gpu', { fixedMs: 1, perItemMs: 1 }),
  ];
  const chat = { name: 'chat', config: vllm, engine: { maxSequences: 16 }, ...(memoryMb && { memoryMb }) };
  return smallPlan([], profiles, {
    models: [chat, { name: 'net' }],
    machines: machinesFor(profiles, { sharing: ['streams'] }),
    tenants: [
      {
        name: 'chats',
        model: 'chat',
        load: { process: { kind: 'poisson', ratePerS } },
        tokens,
        slo: { percentile: 95, ...slo },
      },
    ],
    ...more,
  });
}

const both = (ratePerS: number, tokens: object) => [
  { name: 'chats', model: 'chat', load: { process: { kind: 'poisson', ratePerS } }, tokens },
  { name: 'nets', model: 'net', load: { process: { kind: 'poisson', ratePerS: 5 } } },
];

const chatsArbitrary = fc.record({
  load: fc.double({ min: 0.3, max: 1.8, noNaN: true }),
  output: fc.constantFrom(1, 5, 40),
  cv: fc.constantFrom(0, 0.5, 2),
  kvTokens: fc.constantFrom(500, 20_000),
  slo: fc.record({ limitMs: fc.constantFrom(300, 700), percentile: fc.constantFrom(50, 90, 99) }),
  seed: fc.nat(1000),
});

describe('a plan of a language model in an engine', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('serves it as one instance that forms its own batches', () => {
    const problem = planOf({ ratePerS: 3 });
    const { candidates, chosen } = answered(problem, solve, 30);
    const scenario = scenarioOf(problem, candidates[chosen!]!.placement, { name: 'test', isWritten: true });
    expect(scenario).toMatchObject({
      servers: [
        {
          models: [
            {
              engine: { maxSequences: 16 },
              config: {
                backend: 'vllm',
                max_batch_size: 0,
                instance_group: [{ kind: 'KIND_MODEL', count: 1 }],
              },
            },
          ],
        },
      ],
    });
  });

  it('has as much time of devices as its tokens take', () => {
    const boundOf = (output: number) =>
      planBounds(
        planOf({ ratePerS: 40, tokens: { prompt: { mean: 1, cv: 0 }, output: { mean: output, cv: 0 } } }),
        solve,
        {
          timeLimitS: 5,
        },
      ).deviceTime;
    // A step of 16 sequences takes 12 ms: 0.75 ms a token, of which 40 requests a second have 20, or 60, after their first.
    expect([21, 61].map((output) => Math.floor(boundOf(output)))).toEqual([1, 2]);
  });

  it('has its GPU for itself unless it is known what memory it leaves', () => {
    const tokens = { prompt: { mean: 5, cv: 0 }, output: { mean: 5, cv: 0 } };
    const together = (memoryMb?: number) => {
      const more = { tenants: both(1, tokens) };
      const problem = planOf({ ratePerS: 1, more, ...(memoryMb !== undefined && { memoryMb }) });
      const option = problem.options[0]!;
      const modelReplicas = [0, 1].map((workload) => ({ workload, replicas: 1, option }));
      return { fits: fitsMemory(problem, { kind: 0, modelReplicas }), problem };
    };
    expect([together().fits, together(12_000).fits, together(17_000).fits]).toEqual([false, true, false]);
    const { candidates, chosen } = answered(together().problem, solve, 60);
    expect(slotsOf(candidates[chosen!]!.placement)).toHaveLength(2);
  });

  it('has no GPU for itself where the others run on the cores beside it', () => {
    const profiles = [
      linearProfile('chat', 'gpu', {
        fixedMs: 4,
        perItemMs: 0.5,
        more: { engine: { prefillMsPerToken: 0, kvTokens: 4000 } },
      }),
      linearProfile('words', 'CPU', { fixedMs: 1, perItemMs: 1 }),
    ];
    const problem = smallPlan([], profiles, {
      models: [
        { name: 'chat', config: vllm, engine: { maxSequences: 16 } },
        {
          name: 'words',
          config: { backend: 'python', max_batch_size: 4, instance_group: [{ kind: 'KIND_CPU' }] },
        },
      ],
      machines: machinesFor(profiles.slice(0, 1), { sharing: ['streams'] }),
      tenants: both(1, { prompt: { mean: 5, cv: 0 }, output: { mean: 5, cv: 0 } }).map((tenant, i) =>
        i === 0 ? tenant : { ...tenant, model: 'words', tokens: undefined },
      ),
    });
    const { candidates, chosen } = answered(problem, solve, 60);
    expect(slotsOf(candidates[chosen!]!.placement)).toHaveLength(1);
    const [device] = reportedDevices(problem, candidates[chosen!]!);
    expect(device!.memoryUncounted).toBeUndefined();
  });

  it('deals requests with their tokens among devices as the simulation of all of them does', () => {
    const problem = planOf({ ratePerS: 30 });
    const [trace] = problem.days[0]!.traces;
    expect(trace!.promptTokens).toHaveLength(trace!.arrivalUs.length);
    const slot = { kind: 0, modelReplicas: [{ workload: 0, replicas: 2, option: problem.options[0]! }] };
    const { verdicts } = evaluate(problem, placementOf(problem, [slot, slot]), problem.days[0]!);
    expect(verdicts[0]!.summary.counts.completed).toBeGreaterThan(0);
  });

  it('is bound by nothing that a placement does without', () => {
    let met = 0;
    fc.assert(
      fc.property(chatsArbitrary, ({ load, output, cv, kvTokens, slo, seed }) => {
        const ratePerS = (load * 1000) / (0.75 * output + 1);
        const tokens = { prompt: { mean: 50, cv }, output: { mean: output, cv } };
        met += placementsBelow(
          planOf({ ratePerS, tokens, kvTokens, slo, more: { seed, durationS: 4 } }),
          solve,
        );
      }),
      { numRuns: cases(30) },
    );
    expect(met).toBeGreaterThan(0);
  });

  it('is refused where a tenant has no tokens, or its model no engine', () => {
    const load = { process: { kind: 'poisson', ratePerS: 5 } };
    expect(() =>
      planOf({ ratePerS: 5, more: { tenants: [{ name: 'chats', model: 'chat', load }] } }),
    ).toThrow(/"chat" reads and writes tokens/);
    expect(() => planOf({ ratePerS: 5, more: { models: [{ name: 'chat' }] } })).toThrow(/engine/);
  });
});
