import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../../src/report/build-report.js';
import type { ResponseLaw, Scenario } from '../../../src/scenario/scenario.js';
import type { Engine } from '../../../src/scenario/served-model.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { callsOf } from '../../../src/trace/calls.js';
import type { RequestLog } from '../../../src/trace/request-log.js';
import { check, problemsOf, scenarioText } from '../../scenario/fixtures.js';
import {
  arrivals,
  config,
  profile,
  type ServerSketch,
  scenario,
  server,
  tenant,
} from '../../support/scenario.js';

type Model = ServerSketch['models'][number];
type Step = readonly [model: number, needs: number[], gives: number[]];

/** Responses after 12, 17 and 22 ms. */
const LAW: ResponseLaw = { mean: 3, law: 'constant', firstUs: 2000, gapUs: 5000 };
const STREAM: Model = { config: config('d', 1), profile: profile('d', 10, 0), more: { responses: LAW } };

const plain = (name: string, ms: number, device: number): Model => ({
  config: config(name, 1),
  profile: profile(name, ms, 0),
  device,
});

interface Sketch {
  readonly models: readonly Model[];
  readonly steps: readonly Step[];
  readonly version?: string;
  readonly limit?: number;
  readonly tokens?: { readonly prompt: number; readonly output: number };
  readonly ensembleStepUs?: number;
  readonly atUs?: readonly number[];
}

/** Requests, one at 0 unless told, for an ensemble whose last tensor is its answer. */
function asked(sketch: Sketch): Scenario {
  const { models, steps, version = '24.10', limit, tokens, ensembleStepUs = 0, atUs = [0] } = sketch;
  const ensemble = {
    steps: steps.map(([model, needs, gives]) => ({ model, needs, gives })),
    inputs: 1,
    tensors: steps.length + 1,
    outputs: new Map([['OUT', steps.length]]),
    ...(limit !== undefined && { maxInFlight: limit }),
  };
  const front = { config: config('e', 1), profile: profile('e', 0, 0), instances: 0, more: { ensemble } };
  const place = server('s', { devices: 4, models: [...models, front] });
  const { prompt = 1, output = 1 } = tokens ?? {};
  const more = { prompt: { mean: prompt, cv: 0 }, output: { mean: output, cv: 0 } };
  return scenario(
    [{ ...place, options: { ...place.options, tritonVersion: version, ensembleStepUs } }],
    [
      tenant('t', 'e', arrivals([...atUs]), {
        targets: [{ server: 0, model: models.length }],
        ...(tokens && { tokens: more }),
      }),
    ],
    10,
  );
}

const answer = ({ responses, endedUs }: RequestLog) => ({
  count: responses!.count[0],
  firstMs: responses!.firstUs[0]! / 1000,
  lastMs: endedUs[0]! / 1000,
});
const startsMs = (log: RequestLog, name: string) =>
  callsOf(log, 0)
    .filter((call) => log.calls.models[log.calls.model[call]!]!.name === name)
    .map((call) => log.calls.startedUs[call]! / 1000);

describe('a decoupled step of an ensemble', () => {
  it('runs the steps that follow once for each response, and each gives one to the client', () => {
    const { log } = simulate(
      asked({
        models: [STREAM, plain('p', 1, 1)],
        steps: [
          [0, [0], [1]],
          [1, [1], [2]],
        ],
      }),
    );
    expect(startsMs(log, 'p')).toEqual([12, 17, 22]);
    expect(answer(log)).toEqual({ count: 3, firstMs: 13, lastMs: 23 });
  });

  it('has its responses wait where the next step is slower', () => {
    const { log } = simulate(
      asked({
        models: [STREAM, plain('p', 8, 1)],
        steps: [
          [0, [0], [1]],
          [1, [1], [2]],
        ],
      }),
    );
    expect(startsMs(log, 'p')).toEqual([12, 20, 28]);
    expect(answer(log)).toEqual({ count: 3, firstMs: 20, lastMs: 36 });
  });

  it('gives its next response only when the one before has been handed on', () => {
    const steps: Step[] = [
      [0, [0], [1]],
      [1, [1], [2]],
    ];
    const handedOn = (responses: ResponseLaw) => {
      const stream = { ...STREAM, more: { responses } };
      return simulate(asked({ models: [stream, plain('p', 1, 1)], steps, ensembleStepUs: 3000 })).log;
    };
    // 3 ms to the first step, 12 ms until the first response, then 3 ms for each and 5 ms between.
    const log = handedOn(LAW);
    expect(startsMs(log, 'p')).toEqual([18, 26, 34]);
    expect(answer(log)).toEqual({ count: 3, firstMs: 19, lastMs: 35 });
    // The empty message leaves 4 ms after the last hand-over.
    expect(answer(handedOn({ ...LAW, endUs: 4000 })).lastMs).toBe(38);
  });

  it('has the thread that ends a response wait until an ensemble around has handed it on', () => {
    const of = asked({
      models: [STREAM, plain('p', 6, 1), plain('q', 1, 2)],
      steps: [
        [0, [0], [1]],
        [1, [1], [2]],
      ],
      ensembleStepUs: 3000,
    });
    const [place] = of.servers;
    const inner = place!.models[3]!;
    const steps = [
      { model: 3, needs: [0], gives: [1] },
      { model: 2, needs: [1], gives: [2] },
    ];
    const ensemble = { ...inner.ensemble!, steps, tensors: 3, outputs: new Map([['OUT', 2]]) };
    const outer = { ...inner, config: { ...inner.config, name: 'outer' }, ensemble };
    const tenants = [{ ...of.tenants[0]!, targets: [{ server: 0, model: 4 }] }];
    const servers = [{ ...place!, models: [...place!.models, outer] }];
    const { log } = simulate({ ...of, tenants, servers });
    const inAll = (name: string) => startsMs(log, name);
    // p has its inputs at 21, 29 and 37 ms, and hands on for 3 ms each time it has ended.
    expect(inAll('p')).toEqual([21, 30, 39]);
    expect(inAll('q')).toEqual([30, 39, 48]);
  });

  it('joins what parallel steps made of the same response', () => {
    const models = [STREAM, plain('x', 1, 1), plain('y', 4, 2), plain('z', 1, 3)];
    const steps: Step[] = [
      [0, [0], [1]],
      [1, [1], [2]],
      [2, [1], [3]],
      [3, [2, 3], [4]],
    ];
    const { log } = simulate(asked({ models, steps }));
    expect(startsMs(log, 'z')).toEqual([16, 21, 26]);
    expect(answer(log)).toEqual({ count: 3, firstMs: 17, lastMs: 27 });
  });

  it('may be the last one, and follow another: every response of the first has some of its own', () => {
    const steps: Step[] = [
      [0, [0], [1]],
      [1, [1], [2]],
    ];
    const second: Model = { ...plain('q', 1, 1), more: { responses: { ...LAW, mean: 2 } } };
    const { log } = simulate(asked({ models: [STREAM, second], steps }));
    expect(startsMs(log, 'q')).toEqual([12, 17, 22]);
    // 1 ms, 2 ms until the first, 5 ms until the second.
    expect(answer(log)).toEqual({ count: 6, firstMs: 15, lastMs: 30 });
  });

  it('may be in an ensemble within another', () => {
    const inner: Model = {
      config: config('inner', 1),
      profile: profile('inner', 0, 0),
      instances: 0,
      more: {
        ensemble: {
          steps: [{ model: 0, needs: [0], gives: [1] }],
          inputs: 1,
          tensors: 2,
          outputs: new Map([['OUT', 1]]),
        },
      },
    };
    const steps: Step[] = [
      [2, [0], [1]],
      [1, [1], [2]],
    ];
    const { log } = simulate(asked({ models: [STREAM, plain('p', 1, 1), inner], steps }));
    expect(answer(log)).toEqual({ count: 3, firstMs: 13, lastMs: 23 });
  });

  it('waits with a response while as many calls of the next step as a request may have are under way', () => {
    const steps: Step[] = [
      [0, [0], [1]],
      [1, [1], [2]],
    ];
    const models = [STREAM, { ...plain('p', 8, 1), instances: 3 }];
    expect(startsMs(simulate(asked({ models, steps, version: '25.11' })).log, 'p')).toEqual([12, 17, 22]);
    const { log } = simulate(asked({ models, steps, version: '25.11', limit: 1 }));
    expect(startsMs(log, 'p')).toEqual([12, 20, 28]);
  });

  it('makes a stream of the ensemble for its clients, with figures of one', () => {
    const of = asked({
      models: [STREAM, plain('p', 1, 1)],
      steps: [
        [0, [0], [1]],
        [1, [1], [2]],
      ],
    });
    const { tenants } = summarizeRun({ scenario: of, result: simulate(of) });
    expect(tenants[0]!.stream!.meanResponses).toBe(3);
    expect(tenants[0]!.stream!.firstResponseMs.mean.value).toBeCloseTo(13, 2);
  });
});

it('the steps after one that gives a response to some requests run for those only', () => {
  const some: Model = { ...STREAM, more: { responses: { ...LAW, mean: 0.4 } } };
  const steps: Step[] = [
    [0, [0], [1]],
    [1, [1], [2]],
  ];
  const atUs = Array.from({ length: 100 }, (_, i) => i * 50_000);
  const { log } = simulate(asked({ models: [some, plain('words', 2, 1)], steps, atUs }));
  const executed = Array.from(
    log.responses!.count,
    (_, request) =>
      callsOf(log, request).filter((call) => log.calls.models[log.calls.model[call]!]!.name === 'words')
        .length,
  );
  expect(executed).toEqual(Array.from(log.responses!.count));
  expect(new Set(executed)).toEqual(new Set([0, 1]));
});

describe('a language model in an engine, as a step of an ensemble', () => {
  const engine: Engine = { maxSequences: 64, tokenBudget: 1000, kvTokens: 10_000, streams: true };
  const llm = (streams: boolean): Model => ({
    config: config('llm', 0),
    profile: profile('llm', 10, 0, { engine: { prefillMsPerToken: 0.05, kvTokens: 5000 } }),
    more: { engine: { ...engine, streams } },
  });
  const steps: Step[] = [
    [1, [0], [1]],
    [0, [1], [2]],
    [2, [2], [3]],
  ];
  const around = (model: Model) => [model, plain('tokens', 1, 1), plain('words', 2, 2)];
  const tokens = { prompt: 200, output: 4 };

  it('has each token of its answer go through the steps that follow', () => {
    const { log } = simulate(asked({ models: around(llm(true)), steps, tokens }));
    // 1 ms, then 10 ms for the prompt and as much for each further token.
    expect(startsMs(log, 'words')).toEqual([11, 21, 31, 41].map((ms) => expect.closeTo(ms, 6)));
    expect(answer(log)).toEqual({ count: 4, firstMs: expect.closeTo(13, 6), lastMs: expect.closeTo(43, 6) });
  });

  it('has its whole answer go through them once where it does not stream', () => {
    const { log } = simulate(asked({ models: around(llm(false)), steps, tokens }));
    expect(startsMs(log, 'words')).toEqual([expect.closeTo(41, 6)]);
    expect(answer(log).count).toBe(1);
  });

  it('has its whole answer go through them once where a step asks for it', () => {
    const of = asked({ models: around(llm(true)), steps, tokens });
    const whole = (model: Scenario['servers'][number]['models'][number]) => ({
      ...model,
      ...(model.ensemble && {
        ensemble: {
          ...model.ensemble,
          steps: model.ensemble.steps.map((step) => ({ ...step, asksForWhole: step.model === 0 })),
        },
      }),
    });
    const servers = of.servers.map((each) => ({ ...each, models: each.models.map(whole) }));
    const { log } = simulate({ ...of, servers });
    expect(startsMs(log, 'words')).toEqual([expect.closeTo(41, 6)]);
    expect(answer(log).count).toBe(1);
  });

  it('goes on while its answer is handed on', () => {
    const one: Model = { ...llm(false), more: { engine: { ...engine, maxSequences: 1, streams: false } } };
    const of = asked({ models: around(one), steps, tokens, ensembleStepUs: 500, atUs: [0, 1] });
    // 0.5 ms to be called, 1 ms, 0.5 ms to be handed on, 4 steps of 10 ms for each.
    expect(startsMs(simulate(of).log, 'words')[0]).toBeCloseTo(42.5, 6);
    expect(simulate(of).log.endedUs[1]).toBeCloseTo(84_500, 3);
  });
});

it('a step asks an engine for its whole answer where it hands no value to stream or streaming', () => {
  const llm = profile('llm', 10, 0, { engine: { prefillMsPerToken: 0.05, kvTokens: 5000 } });
  const value = [{ file: 'a.profile.json', profile: { ...llm, device: 'Tesla P4' } }];
  const stepOf = (inputs: string) => {
    const tensor = (name: string) => `{name: ${name}, data_type: TYPE_STRING, dims: [1]}`;
    const step = `{model_name: llm, input_map: ${inputs}, output_map: {text_output: OUT}}`;
    const ensemble = `{name: e, config: {platform: ensemble, input: [${tensor('IN')}], output: [${tensor('OUT')}], ensemble_scheduling: {step: [${step}]}}}`;
    const models = `[{name: llm, config: {backend: vllm}, engine: {}}, ${ensemble}]`;
    const tenants =
      '- {name: t, model: e, load: {process: {kind: constant, ratePerS: 1}}, slo: {percentile: 99, limitMs: 900}, tokens: {prompt: {mean: 9}, output: {mean: 9}}}';
    const { scenario: found } = check(scenarioText({ models, tenants }), {
      profiles: new Map([['profiles', { value }]]),
    });
    return found.servers[0]!.models[1]!.ensemble!.steps[0]!;
  };
  expect(stepOf('{text_input: IN}').asksForWhole).toBe(true);
  expect(stepOf('{text_input: IN, stream: IN}').asksForWhole).toBeUndefined();
});

it('a model that calls a decoupled one waits for its last response', () => {
  const calls = [
    { calls: [{ model: 0, per: 'request', probability: 1, inferences: 1 }], atOnce: false },
  ] as const;
  const caller: Model = { ...plain('caller', 1, 1), more: { calls } };
  const of = asked({ models: [STREAM, caller], steps: [[1, [0], [1]]] });
  expect(simulate(of).log.endedUs[0]).toBe(23_000);
});

it('a step may not take tensors from a decoupled step and from elsewhere', () => {
  const tensor = (name: string) => `{name: ${name}, data_type: TYPE_FP32, dims: [1]}`;
  const step = (model: string, inputs: string, output: string) =>
    `{model_name: ${model}, input_map: ${inputs}, output_map: {y: ${output}}}`;
  const ensemble = (last: string) =>
    `{name: e, config: {platform: ensemble, input: [${tensor('IN')}], output: [${tensor('OUT')}], ensemble_scheduling: {step: [${step('resnet', '{x: IN}', 'mid')}, ${step('end', last, 'OUT')}]}}}`;
  const models = (last: string) =>
    `[{name: resnet, config: {model_transaction_policy: {decoupled: true}}, responses: {mean: 2}}, {name: end, profile: resnet, config: {}}, ${ensemble(last)}]`;
  expect(problemsOf(scenarioText({ models: models('{x: mid}') }))).toEqual([]);
  expect(problemsOf(scenarioText({ models: models('{x: mid, z: IN}') }))).toEqual([
    expect.stringContaining(
      'step[1].input_map: the step gets tensors from different decoupled steps, or from one and from none; hand all of them on through one step',
    ),
  ]);
});
