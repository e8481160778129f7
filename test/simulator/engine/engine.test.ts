import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { componentFigures } from '../../../src/measure/component-figures.js';
import { runFigures } from '../../../src/measure/run-figures.js';
import { Scratch } from '../../../src/metrics/statistics/scratch.js';
import { summarizeRun } from '../../../src/report/build-report.js';
import { kvCacheTable } from '../../../src/report/tables/resource-tables.js';
import type { Load, Sharing } from '../../../src/scenario/scenario.js';
import type { Engine } from '../../../src/scenario/served-model.js';
import { tokenSampler } from '../../../src/simulator/event-loop/tokens.js';
import { partition } from '../../../src/simulator/partition.js';
import {
  EngineBatch,
  type EngineLimits,
  type EngineStep,
} from '../../../src/simulator/server/engine/engine-batch.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { check, profile as fileProfile, problemsOf, scenarioText } from '../../scenario/fixtures.js';
import { expectClose } from '../../support/close.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';

const ENGINE: Engine = { maxSequences: 64, tokenBudget: 1000, kvTokens: 10_000, streams: true };
/** A decode step takes 10 ms and 0.1 ms more for each sequence, a token of a prompt 0.05 ms. */
const LLM = profile('llm', 10, 0.1, { engine: { prefillMsPerToken: 0.05, kvTokens: 5000 } });

interface Sketch {
  readonly load?: Load;
  readonly prompt?: number;
  readonly output?: number;
  readonly cv?: number;
  readonly engine?: Partial<Engine>;
  readonly instances?: number;
}

function chat({
  load = arrivals([0]),
  prompt = 400,
  output = 20,
  cv = 0,
  engine = {},
  instances = 1,
}: Sketch) {
  const served = {
    config: config('llm', 0),
    profile: LLM,
    instances,
    more: { engine: { ...ENGINE, ...engine } },
  };
  const tokens = { prompt: { mean: prompt, cv }, output: { mean: output, cv } };
  return scenario([server('s', { models: [served] })], [tenant('t', 'llm', load, { tokens })], 60);
}

const latenciesMs = ({ log }: ReturnType<typeof simulate>) =>
  Array.from(log.endedUs, (us, i) => (us - log.plannedUs[i]!) / 1000);

describe('an engine', () => {
  it('reads the prompt of a lone request, which gives the first token, and each further one takes a decode step', () => {
    const { log } = simulate(chat({}));
    expect(log.responses!.firstUs[0]! / 1000).toBeCloseTo(400 * 0.05, 6);
    expect(log.endedUs[0]! / 1000).toBeCloseTo(400 * 0.05 + 19 * 10.1, 6);
    expect(log.responses!.count[0]).toBe(20);
  });

  it('answers at once, at the end, where its model does not stream', () => {
    const { log } = simulate(chat({ engine: { streams: false } }));
    expect(log.responses!.count[0]).toBe(1);
    expect(log.responses!.firstUs[0]).toBe(log.endedUs[0]);
  });

  it('reads a prompt that is longer than the budget in several steps', () => {
    const { log, executions } = simulate(chat({ prompt: 2500, output: 1, engine: { tokenBudget: 1000 } }));
    expect(log.endedUs[0]! / 1000).toBeCloseTo(2500 * 0.05, 6);
    expect(executions[0]!.byBatchSize[1]).toBe(3);
  });

  it('has all that come at one instant in one step', () => {
    const result = simulate(chat({ load: arrivals([0, 0, 0, 0]), prompt: 100 }));
    // 400 tokens are read, then 19 steps of four sequences.
    for (const ms of latenciesMs(result)) expect(ms).toBeCloseTo(400 * 0.05 + 19 * 10.4, 6);
  });

  it('has the others wait where the KV cache is full, until one has ended', () => {
    const engine = { kvTokens: 2 * 420 };
    const [first, second, third] = latenciesMs(simulate(chat({ load: arrivals([0, 0, 0]), engine })));
    expect(first).toBeCloseTo(800 * 0.05 + 19 * 10.2, 6);
    expect(second).toBe(first);
    expect(third! - first!).toBeCloseTo(400 * 0.05 + 19 * 10.1, 6);
  });

  it('says how full its KV cache was: from the start of a request to its end it keeps room for all its tokens', () => {
    const engine = { kvTokens: 2 * 420 };
    const of = chat({ load: arrivals([0, 0, 0]), engine });
    const { models } = summarizeRun({ scenario: of, result: simulate(of) });
    const [bothMs, aloneMs] = [800 * 0.05 + 19 * 10.2, 400 * 0.05 + 19 * 10.1];
    const { tokens, usedShare } = models[0]!.kvCache!;
    expect(tokens).toBe(840);
    expect(usedShare.most).toBe(1);
    expect(usedShare.mean).toBeCloseTo((bothMs + aloneMs / 2) / 60_000, 9);
    const [row] = kvCacheTable(models).rows;
    expect(row!.map(({ text }) => text)).toEqual(['s/llm', '840', '0.57', '100']);
  });

  it('says how full the fullest KV cache of its instances was, and how full all were on average', () => {
    const of = chat({ load: arrivals([0]), engine: { kvTokens: 840 }, instances: 2 });
    const { usedShare } = summarizeRun({ scenario: of, result: simulate(of) }).models[0]!.kvCache!;
    expect(usedShare.most).toBe(0.5);
    expect(usedShare.mean).toBeCloseTo((400 * 0.05 + 19 * 10.1) / 4 / 60_000, 9);
  });

  it('has no more sequences in a step than it may', () => {
    const result = simulate(chat({ load: poisson('a', 200, 400), engine: { maxSequences: 8 }, cv: 1 }));
    const sizes = [...result.executions[0]!.byBatchSize].flatMap((count, size) => (count > 0 ? [size] : []));
    expect(Math.max(...sizes)).toBe(8);
  });

  it('rejects a request with more tokens than its KV cache holds, and takes the next one', () => {
    const load = arrivals([0, 1000], {
      promptTokens: Uint32Array.of(9990, 100),
      outputTokens: Uint32Array.of(20, 5),
    });
    const { log } = simulate(chat({ load }));
    expect([...log.outcome]).toEqual([Outcome.rejected, Outcome.completed]);
  });

  it('gives a turn to a request that it rejects, too', () => {
    const load = arrivals([0, 1000, 2000], {
      promptTokens: Uint32Array.of(400, 9990, 400),
      outputTokens: Uint32Array.of(20, 20, 20),
    });
    const result = simulate(chat({ load, instances: 2 }));
    // The third is with the first on its instance: the second had the other one's turn.
    const [first, , third] = latenciesMs(result);
    expect(first).toBeGreaterThan(400 * 0.05 + 19 * 10.1 + 1);
    expect(third).toBeGreaterThan(400 * 0.05 + 19 * 10.1 + 1);
  });

  it('takes the tokens that a trace says, and draws the others', () => {
    const load = arrivals([0, 10e6], {
      promptTokens: Uint32Array.of(100, 0),
      outputTokens: Uint32Array.of(3, 0),
    });
    const { log } = simulate(chat({ load }));
    expect([...log.responses!.count]).toEqual([3, 20]);
  });

  it('takes the KV cache of the profile where the scenario says nothing of it', () => {
    const { kvTokens: _, ...engine } = ENGINE;
    const served = { config: config('llm', 0), profile: LLM, more: { engine } };
    const tokens = { prompt: { mean: 4990, cv: 0 }, output: { mean: 20, cv: 0 } };
    const of = scenario(
      [server('s', { models: [served] })],
      [tenant('t', 'llm', arrivals([0]), { tokens })],
      10,
    );
    expect(simulate(of).log.outcome[0]).toBe(Outcome.rejected);
  });

  it('shares requests among its instances in turn', () => {
    const result = simulate(chat({ load: arrivals([0, 0]), instances: 2 }));
    for (const ms of latenciesMs(result)) expect(ms).toBeCloseTo(400 * 0.05 + 19 * 10.1, 6);
  });

  it('has the same figures with a log and without, and every busy moment is somebody’s', () => {
    const of = chat({ load: poisson('b', 8, 300), cv: 1 });
    const memory = { scratch: new Scratch(), isKept: true, hasStages: true };
    const components = partition(of).map((component) => ({
      component,
      figures: componentFigures(of, component, memory),
    }));
    const result = simulate(of);
    const { tenants, devices } = summarizeRun({ scenario: of, result });
    const figures = runFigures(of, components).summary;
    expectClose(figures.tenants[0], tenants[0], 't');
    expectClose(figures.devices, devices, 'devices');
    const [device] = result.devices;
    expect(device!.busyUsByTenant.get('t')! / of.durationUs).toBeCloseTo(device!.busyShare, 4);
    expect(tenants[0]!.stream!.firstResponseMs.mean.value).toBeLessThan(tenants[0]!.latencyMs.mean.value);
  });
});

describe('beside a network on the same GPU', () => {
  const cnn = { config: config('cnn', 1), profile: profile('cnn', 4, 0) };
  const llm = { config: config('llm', 0), profile: LLM, more: { engine: ENGINE } };
  const tokens = { prompt: { mean: 400, cv: 0 }, output: { mean: 100, cv: 0 } };
  const photos = tenant('photos', 'cnn', poisson('p', 20, 200), { targets: [{ server: 0, model: 1 }] });
  const users = tenant('users', 'llm', arrivals([0]), { tokens });
  const mean = (tenants: (typeof photos)[], sharing: Sharing) => {
    const of = scenario([server('s', { models: [llm, cnn], sharing })], tenants, 10);
    const result = simulate(of);
    return new Map(
      summarizeRun({ scenario: of, result }).tenants.map(({ tenant: name, latencyMs }) => [
        name,
        latencyMs.mean.value,
      ]),
    );
  };

  it('each costs the other time', () => {
    const sharing: Sharing = { mode: 'streams' };
    const both = mean([photos, users], sharing);
    expect(both.get('users')).toBeGreaterThan(1.03 * mean([users], sharing).get('users')!);
    expect(both.get('photos')).toBeGreaterThan(1.03 * mean([photos], sharing).get('photos')!);
  });

  it('neither costs the other anything where it has a GPU of its own', () => {
    const sharing: Sharing = { mode: 'exclusive' };
    const both = mean([photos, users], sharing);
    expect(both.get('users')).toBe(mean([users], sharing).get('users'));
  });
});

describe('steps of an engine, of requests at random', () => {
  /** Whether each request of a run has all its tokens, and each step kept the limits. */
  function runAll(limits: EngineLimits, requests: readonly { prompt: number; output: number }[]) {
    const engine = new EngineBatch(limits);
    const random = new RandomStreams(1).get('arrivals');
    const steps: EngineStep[] = [];
    const taken = new Set<number>();
    let kvUsed = 0;
    let next = 0;
    while (next < requests.length || engine.hasWork) {
      while (next < requests.length && (random.next() < 0.3 || !engine.hasWork)) {
        const { prompt, output } = requests[next]!;
        if (engine.add(next, prompt, output)) taken.add(next);
        next++;
      }
      if (engine.hasWork) {
        steps.push(engine.next());
        kvUsed = Math.max(kvUsed, engine.kvUsed);
      }
    }
    expect(kvUsed).toBeLessThanOrEqual(limits.kvTokens);
    expect(engine.kvUsed).toBe(0);
    return { steps, taken };
  }

  const CASES: readonly EngineLimits[] = [
    { maxSequences: 4, tokenBudget: 4, kvTokens: 300 },
    { maxSequences: 16, tokenBudget: 64, kvTokens: 300 },
    { maxSequences: 256, tokenBudget: 2048, kvTokens: 2000 },
  ];
  it.each(CASES)('keep budget, places and KV cache, and make each token once: %o', (limits) => {
    const random = new RandomStreams(2).get('tokens');
    const [prompt, output] = [
      tokenSampler({ mean: 60, cv: 1 }, random),
      tokenSampler({ mean: 12, cv: 1 }, random),
    ];
    const requests = Array.from({ length: 300 }, () => ({ prompt: prompt(), output: output() }));
    const { steps, taken } = runAll(limits, requests);
    const of = (pick: (request: (typeof requests)[number]) => number) =>
      [...taken].reduce((sum, i) => sum + pick(requests[i]!), 0);
    const tokens = steps.map(({ prefillTokens, decodes }) => prefillTokens + decodes);
    expect(Math.max(...steps.map(({ sequences }) => sequences.length))).toBeLessThanOrEqual(
      limits.maxSequences,
    );
    expect(Math.max(...tokens)).toBeLessThanOrEqual(limits.tokenBudget);
    expect(Math.min(...tokens)).toBeGreaterThan(0);
    expect(steps.reduce((sum, { prefillTokens }) => sum + prefillTokens, 0)).toBe(
      of((request) => request.prompt),
    );
    // The first token of an answer comes with the last part of its prompt.
    const decoded = of((request) => request.output - 1);
    expect(steps.reduce((sum, { decodes }) => sum + decodes, 0)).toBe(decoded);
    const ended = steps.flatMap(({ ending }) => ending);
    expect(ended.sort((a, b) => a - b)).toEqual([...taken]);
    const begun = steps.flatMap(({ beginning }) => beginning.map(({ position }) => position));
    expect(begun).toEqual([...taken]);
  });
});

it('tokens have the mean and the variation that their law says', () => {
  const next = tokenSampler({ mean: 300, cv: 0.8 }, new RandomStreams(3).get('tokens'));
  const drawn = Array.from({ length: 20_000 }, next);
  const mean = drawn.reduce((sum, tokens) => sum + tokens, 0) / drawn.length;
  const variance = drawn.reduce((sum, tokens) => sum + (tokens - mean) ** 2, 0) / drawn.length;
  expect(Math.abs(mean - 300)).toBeLessThan(6);
  expect(Math.abs(Math.sqrt(variance) / mean - 0.8)).toBeLessThan(0.05);
});

describe('a scenario says of a language model', () => {
  const engineProfile = fileProfile('llm', 'Tesla P4', {
    engine: { prefillMsPerToken: 0.1, kvTokens: 1000 },
  });
  const profiles = new Map([
    [
      'profiles',
      {
        value: [
          { file: 'llm.profile.json', profile: engineProfile },
          { file: 'resnet.profile.json', profile: fileProfile('resnet', 'Tesla P4') },
        ],
      },
    ],
  ]);
  const text = (model: string, tenantFields = TOKENS, name = 'llm') =>
    scenarioText({
      models: `[{name: ${name}, ${model}}]`,
      tenants: `- {name: chat, model: ${name}, load: {process: {kind: constant, ratePerS: 1}}${tenantFields}}`,
    });
  const TOKENS = ', tokens: {prompt: {mean: 5}, output: {mean: 2}}';

  it('how many sequences and tokens a step has, by default as vLLM', () => {
    const { scenario: found } = check(text('config: {backend: vllm}, engine: {}'), { profiles });
    expect(found.servers[0]!.models[0]!.engine).toEqual({
      maxSequences: 256,
      tokenBudget: 2048,
      streams: true,
    });
    // Triton starts it on no GPU: the engine takes one itself.
    const onHost = 'config: {backend: tensorrtllm, instance_group: [{kind: KIND_CPU}]}, engine: {}';
    const [model] = check(text(onHost), { profiles }).scenario.servers[0]!.models;
    expect(model!.instances.map(({ device }) => device)).toEqual([0]);
    expect(model!.engine!.streams).toBe(false);
  });

  it.each([
    [
      'no engine',
      'config: {backend: vllm}',
      TOKENS,
      'vLLM forms batches in an engine of its own; write engine',
    ],
    [
      'no tokens',
      'config: {backend: vllm}, engine: {}',
      '',
      '"llm" reads and writes tokens; write tokens, or a trace',
    ],
    [
      'a budget below its sequences',
      'config: {}, engine: {maxSequences: 64, tokenBudget: 32}',
      TOKENS,
      '32 is less than one token for each of 64 sequences; write at least 64',
    ],
    [
      'responses',
      'config: {}, engine: {}, responses: {mean: 2}',
      TOKENS,
      'responses: says what engine says; keep one',
    ],
    [
      'larger requests',
      'config: {max_batch_size: 4}, engine: {}',
      `${TOKENS}, batchSize: 2`,
      'one inference a request',
    ],
    ['an engine in its profile alone', 'config: {}', TOKENS, 'is one of an engine; write engine: {}'],
  ])('what is wrong: %s', (_, model, tenantFields, problem) => {
    expect(problemsOf(text(model, tenantFields), { profiles }).join('\n')).toContain(problem);
  });

  it('nothing where its profile does not say what tokens cost, or it has no engine', () => {
    const unknown = problemsOf(text('config: {}, engine: {}', TOKENS, 'resnet'), { profiles });
    expect(unknown.join('\n')).toContain('write engine: {prefillMsPerToken, kvTokens} into the profile');
    const plain = problemsOf(text('config: {}', TOKENS, 'resnet'), { profiles });
    expect(plain.join('\n')).toContain('tenants[0].tokens: "resnet" has no engine; leave it out');
  });
});
