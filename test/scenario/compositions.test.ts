import { describe, expect, it } from 'vitest';
import { check, problemsOf, scenarioText } from './fixtures.js';

const STEP = (model: string, needs: string, gives: string) =>
  `{model_name: ${model}, input_map: {x: ${needs}}, output_map: {y: ${gives}}}`;
const ENSEMBLE = (steps: string, more = '') =>
  [
    '{name: all, config: {platform: ensemble, input: [{name: IN, dims: [1]}], output: [{name: OUT, dims: [1]}],',
    `ensemble_scheduling: {step: [${steps}]}${more}}}`,
  ].join(' ');
const MODELS = `{name: resnet, config: {max_batch_size: 8}}, {name: bert, config: {}}`;
const text = (models: string, tenant = 'model: all') =>
  scenarioText({
    models: `[${models}]`,
    tenants: `- {name: t, ${tenant}, load: {process: {kind: constant, ratePerS: 10}}}`,
  });

describe('an ensemble in a scenario', () => {
  it('names its steps by their place on the server, and their tensors by number', () => {
    const { scenario } = check(
      text(`${ENSEMBLE(`${STEP('bert', 'IN', 'mid')}, ${STEP('resnet', 'mid', 'OUT')}`)}, ${MODELS}`),
    );
    const [all] = scenario.servers[0]!.models;
    expect(all!.instances).toEqual([]);
    expect(all!.ensemble).toEqual({
      steps: [
        { model: 2, needs: [0], gives: [1] },
        { model: 1, needs: [1], gives: [2] },
      ],
      inputs: 1,
      tensors: 3,
      outputs: new Map([['OUT', 2]]),
    });
  });

  it.each([
    ['a model that is not served', STEP('vgg', 'IN', 'OUT'), 'serves no model "vgg"'],
    ['a tensor from nowhere', STEP('bert', 'IM', 'OUT'), 'no step and no input of the ensemble gives "IM"'],
    ['an output from nowhere', STEP('bert', 'IN', 'OUR'), 'no step gives the output "OUT"'],
    [
      'a tensor with two sources',
      `${STEP('bert', 'IN', 'OUT')}, ${STEP('resnet', 'IN', 'OUT')}`,
      '"OUT" has two sources',
    ],
    [
      'steps that wait for each other',
      `${STEP('bert', 'OUT', 'mid')}, ${STEP('resnet', 'mid', 'OUT')}`,
      'the step of "bert" never begins: it waits for itself',
    ],
    [
      'a step whose output nobody takes',
      `${STEP('bert', 'IN', 'OUT')}, ${STEP('resnet', 'IN', 'lost')}`,
      'no step takes "lost", and it is no output: Triton does not load such an ensemble',
    ],
  ])('is refused with %s', (_, steps, expected) => {
    expect(problemsOf(text(`${ENSEMBLE(steps)}, ${MODELS}`)).join('\n')).toContain(expected);
  });

  // As the real 24.10 loads and refuses them.
  it.each([
    [
      'of another data type',
      'TYPE_FP32, dims: [-1]',
      0,
      'TYPE_FP16, dims: [-1]',
      0,
      'is TYPE_FP32 [-1] of "bert", and TYPE_FP16 [-1] of "resnet"',
    ],
    [
      'of another rank',
      'TYPE_FP32, dims: [-1, -1]',
      0,
      'TYPE_FP32, dims: [-1]',
      0,
      'is TYPE_FP32 [-1, -1] of "bert"',
    ],
    [
      'of other dimensions',
      'TYPE_FP32, dims: [3]',
      0,
      'TYPE_FP32, dims: [4]',
      0,
      'is TYPE_FP32 [3] of "bert"',
    ],
    ['that may be of that shape', 'TYPE_FP32, dims: [-1, 3]', 0, 'TYPE_FP32, dims: [4, -1]', 0, ''],
    ['whose batch is a dimension of the other', 'TYPE_FP32, dims: [-1, 3]', 0, 'TYPE_FP32, dims: [3]', 4, ''],
    ['of which one says nothing', 'TYPE_FP32, dims: [3]', 0, 'TYPE_INVALID', 0, ''],
  ])('holds a tensor against one %s', (_, given, givenBatch, taken, takenBatch, expected) => {
    const models = `{name: bert, config: {max_batch_size: ${givenBatch}, input: [{name: x}], output: [{name: y, data_type: ${given}}]}},
      {name: resnet, config: {max_batch_size: ${takenBatch}, input: [{name: x, data_type: ${taken}}], output: [{name: y}]}}`;
    const steps = `${STEP('bert', 'IN', 'mid')}, ${STEP('resnet', 'mid', 'OUT')}`;
    const problems = problemsOf(text(`${ENSEMBLE(steps)}, ${models}`));
    if (expected === '') expect(problems).toEqual([]);
    else expect(problems.join('\n')).toContain(expected);
  });

  it('is refused with an input that no step takes', () => {
    const idle = ENSEMBLE(STEP('bert', 'IN', 'OUT')).replace(
      '{name: IN,',
      '{name: MORE, dims: [1]}, {name: IN,',
    );
    expect(problemsOf(text(`${idle}, ${MODELS}`)).join('\n')).toContain('no step takes the input "MORE"');
  });

  it('asks an ensemble in it for the outputs that it maps, and is refused where Triton cannot give those alone', () => {
    const outputs = 'output: [{name: HALF, dims: [1]}, {name: WHOLE, dims: [1]}]';
    const inner = (whole: string) =>
      `{name: inner, config: {platform: ensemble, input: [{name: x, dims: [1]}], ${outputs},
        ensemble_scheduling: {step: [${STEP('bert', 'x', 'HALF')}, ${STEP('resnet', whole, 'WHOLE')}]}}}`;
    const outer = ENSEMBLE('{model_name: inner, input_map: {x: IN}, output_map: {WHOLE: OUT}}');
    const { scenario } = check(text(`${outer}, ${inner('x')}, ${MODELS}`));
    expect(scenario.servers[0]!.models[0]!.ensemble!.steps).toMatchObject([{ model: 1, outputs: ['WHOLE'] }]);
    expect(problemsOf(text(`${outer}, ${inner('HALF')}, ${MODELS}`)).join('\n')).toMatch(
      /step\[0\]\.output_map: Triton answers .* of "inner" alone .*unexpected deadlock.*map all of its outputs/,
    );
  });

  it('takes the priority levels and timeouts of its steps, and no others', () => {
    const policy = '{allow_timeout_override: true, default_timeout_microseconds: 9000}';
    const levels = `priority_levels: 2, default_priority_level: 1, default_queue_policy: ${policy}`;
    const step = `{name: resnet, config: {max_batch_size: 8, dynamic_batching: {${levels}}}}`;
    const asking = (more: string) =>
      text(`${ENSEMBLE(STEP('resnet', 'IN', 'OUT'))}, ${step}`, `model: all, ${more}`);
    expect(check(asking('priority: 2, timeoutMs: 5')).warnings).toEqual([]);
    expect(check(asking('timeoutMs: 20')).warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('timeoutMs 20 has no effect'),
    ]);
    expect(problemsOf(asking('priority: 3')).join('\n')).toContain(
      'there is no priority level 3: "all" has 2; write 1 to 2',
    );
  });

  it('is called decoupled by Triton where a step gives several responses, which are written for the step alone', () => {
    const decoupled = 'model_transaction_policy: {decoupled: true}';
    const talker = `{name: bert, config: {${decoupled}}, responses: {mean: 3, gapMs: 1}}`;
    const all = ENSEMBLE(STEP('bert', 'IN', 'OUT'), `, ${decoupled}`);
    expect(check(text(`${all}, ${talker}`)).scenario.servers[0]!.models[0]!.config.decoupled).toBe(true);
    const wrong = `${all.slice(0, -1)}, responses: {mean: 3}}`;
    expect(problemsOf(text(`${wrong}, ${talker}`)).join('\n')).toContain(
      'responses: "all" is an ensemble; write them for its steps',
    );
  });

  it('is refused with a response cache where a step gives several responses', () => {
    const talker =
      '{name: bert, config: {model_transaction_policy: {decoupled: true}}, responses: {mean: 3, gapMs: 1}}';
    const kept = ENSEMBLE(STEP('bert', 'IN', 'OUT'), ', response_cache: {enable: true}');
    expect(problemsOf(text(`${kept}, ${talker}`)).join('\n')).toMatch(
      /response_cache.enable: answers of decoupled models cannot be kept; write false/,
    );
  });

  it('warns where the queue of a step beside others may be full, which ends a server of an older release', () => {
    const limited = 'dynamic_batching: {default_queue_policy: {max_queue_size: 4}}';
    const models = `{name: resnet, config: {max_batch_size: 8, ${limited}}}, {name: bert, config: {max_batch_size: 8}}`;
    const join = '{model_name: bert, input_map: {x: a, z: b}, output_map: {y: OUT}}';
    const beside = `${STEP('bert', 'IN', 'a')}, ${STEP('resnet', 'IN', 'b')}, ${join}`;
    const chain = `${STEP('bert', 'IN', 'a')}, ${STEP('resnet', 'a', 'OUT')}`;
    const warnings = (steps: string, version = '24.10') =>
      check(
        scenarioText({
          models: `[${ENSEMBLE(steps)}, ${models}]`,
          server: `triton: {version: "${version}"}`,
          tenants: '- {name: t, model: all, load: {process: {kind: constant, ratePerS: 10}}}',
        }),
      ).warnings.map(({ message }) => message);
    expect(warnings(beside)).toEqual([
      'while the queue of its step "resnet" is full, Triton before 26.04 may hang or die',
    ]);
    expect(warnings(beside, '26.04')).toEqual([]);
    expect(warnings(chain)).toEqual([]);
  });

  it('takes no larger batches than the models of its steps', () => {
    const models = `${ENSEMBLE(STEP('resnet', 'IN', 'OUT'), ', max_batch_size: 16')}, ${MODELS}`;
    expect(problemsOf(text(models)).join('\n')).toContain(
      'the ensemble takes batches of 16, "resnet" only of 8',
    );
  });

  it('may have steps without a batch dimension', () => {
    const models = `${ENSEMBLE(STEP('plain', 'IN', 'OUT'), ', max_batch_size: 16')}, {name: plain, profile: resnet, config: {}}`;
    expect(problemsOf(text(models))).toEqual([]);
  });

  it('is not refused for what is wrong with the model of a step', () => {
    const models = `${ENSEMBLE(STEP('plain', 'IN', 'OUT'))}, {name: plain, profile: resnet, config: {max_batch_size: -1}}`;
    expect(problemsOf(text(models))).toEqual([expect.stringContaining('max_batch_size')]);
  });

  it('is asked only for outputs that it has', () => {
    const models = `${ENSEMBLE(STEP('resnet', 'IN', 'OUT'))}, ${MODELS}`;
    expect(problemsOf(text(models, 'model: all, outputs: [OUTS]')).join('\n')).toContain(
      '"all" has no output "OUTS"',
    );
    expect(problemsOf(text(models, 'model: bert, outputs: [OUT]')).join('\n')).toContain(
      '"bert" is no ensemble',
    );
  });

  // As the real 24.10 answers them, or does not.
  it.each([
    [
      'an output that another step takes',
      [
        ['IN', 'SIDE'],
        ['SIDE', 'OUT'],
      ],
      { SIDE: false, OUT: false },
    ],
    [
      'steps that share what one before gives',
      [
        ['IN', 'mid'],
        ['mid', 'SIDE'],
        ['mid', 'OUT'],
      ],
      { SIDE: true, OUT: true },
    ],
    [
      'a first step with an input of its own',
      [
        ['IN', 'OUT'],
        ['IN2', 'SIDE'],
      ],
      { SIDE: true, OUT: false },
    ],
  ])(
    'is asked for a part of its outputs only where Triton runs all steps that they need: %s',
    (_, steps, answers) => {
      const wired = steps.map(([needs, gives]) => STEP('bert', needs!, gives!)).join(', ');
      const inputs = ['IN', ...(wired.includes('IN2') ? ['IN2'] : [])].map(
        (name) => `{name: ${name}, dims: [1]}`,
      );
      const ensemble = `{name: all, config: {platform: ensemble, input: [${inputs}], output: [{name: OUT, dims: [1]}, {name: SIDE, dims: [1]}], ensemble_scheduling: {step: [${wired}]}}}`;
      const problems = (outputs: string) =>
        problemsOf(text(`${ensemble}, ${MODELS}`, `model: all, outputs: [${outputs}]`));
      expect(problems('OUT, SIDE')).toEqual([]);
      for (const [output, isAnswered] of Object.entries(answers))
        expect(problems(output)).toEqual(isAnswered ? [] : [expect.stringContaining('unexpected deadlock')]);
    },
  );
});

describe('a model that calls others in a scenario', () => {
  const caller = (calls: string, more = '') =>
    `{name: all, config: {max_batch_size: 8}, calls: [${calls}]${more}}`;

  it('needs no profile, and calls by place on the server', () => {
    const { scenario } = check(
      text(
        `${MODELS}, ${caller('{ownMs: 2}, {call: resnet, per: batch}, {parallel: [{call: bert, probability: 0.5}]}')}`,
      ),
    );
    const model = scenario.servers[0]!.models[2]!;
    expect(model.instances[0]!.profile.service[0]!.inferMs).toBe(0);
    expect(model.calls).toEqual([
      { ownUs: 2000 },
      { calls: [{ model: 0, per: 'batch', probability: 1, inferences: undefined }], atOnce: false },
      { calls: [{ model: 1, per: 'request', probability: 0.5, inferences: 1 }], atOnce: true },
    ]);
  });

  it('makes a call as many times as a loop does, one after the other', () => {
    const { scenario } = check(text(`${MODELS}, ${caller('{call: resnet, times: 3}')}`));
    const once = {
      calls: [{ model: 0, per: 'request', probability: 1, inferences: undefined }],
      atOnce: false,
    };
    expect(scenario.servers[0]!.models[2]!.calls).toEqual([once, once, once]);
    expect(problemsOf(text(`${MODELS}, ${caller('{ownMs: 1, times: 3}')}`)).join('\n')).toContain(
      'times: has a meaning only beside call',
    );
  });

  it.each([
    ['itself', '{call: all}', 'all > all: it calls itself, and waits for ever'],
    ['a model that is not served', '{call: resnett}', 'serves no model "resnett"'],
    ['more than that one takes', '{call: resnet, inferences: 9}', 'up to 9 inferences in a call'],
    ['nothing in a step', '{per: batch}', 'does nothing; write one of call, ownMs or parallel'],
    ['two things in a step', '{ownMs: 1, call: bert}', 'is given beside call'],
  ])('is refused where it calls %s', (_, calls, expected) => {
    expect(problemsOf(text(`${MODELS}, ${caller(calls)}`)).join('\n')).toContain(expected);
  });

  it('is refused where others lead back to it', () => {
    const other = '{name: other, config: {}, calls: [{call: all}]}';
    const problems = problemsOf(text(`${MODELS}, ${other}, ${caller('{call: other}')}`));
    expect(problems.join('\n')).toContain('other > all > other: it calls itself');
  });
});
