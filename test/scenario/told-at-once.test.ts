import { describe, expect, it } from 'vitest';
import { problemsOf, profile, scenarioText } from './fixtures.js';

const tenant = (rest: string) =>
  `- {name: search, model: resnet, load: {process: {kind: constant, ratePerS: 10}}${rest}}`;
const loaded = (load: string) => `- {name: search, model: resnet, load: {${load}}}`;

describe('the problems of a scenario', () => {
  it('of a tenant whose load is wrong are told as well', () => {
    const problems = problemsOf(
      scenarioText({
        tenants: `- {name: a, model: resnte, load: {process: {kind: poison, ratePerS: 6}}}
  - {name: a, model: resnet, load: {process: {kind: constant, ratePerS: 0}}}
  - {name: c, model: bert, servers: [main]}`,
      }),
    );
    expect(problems.map((text) => text.replace(/^s\.yaml:\d+:\d+: /, '').replace(/;.*/, ''))).toEqual([
      'tenants[0].model: no server serves a model "resnte"',
      'tenants[0].load.process.kind: the text "poison" is not known here',
      'tenants[1].name: there is already a tenant "a" (line 12)',
      'tenants[1].load.process.ratePerS: 0 is out of range',
      'tenants[2].load: missing',
      'tenants[2].model: no server serves a model "bert"',
      'tenants[2].servers[0]: "main" does not serve "bert"',
    ]);
  });

  it('of the tenant after one of which two things are missing, and of one with an SLO of two mistakes, are told as well', () => {
    const slo = 'slo: {percentile: 100, limitMs: 0}';
    const problems = problemsOf(
      scenarioText({
        tenants: `- {load: {process: {kind: constant, ratePerS: 6}}}
  - {name: b, model: bert, load: {process: {kind: constant, ratePerS: 6}}, ${slo}}`,
      }),
    );
    expect(problems.map((text) => text.replace(/^s\.yaml:\d+:\d+: /, '').replace(/;.*/, ''))).toEqual([
      'tenants[0].name: missing',
      'tenants[0].model: missing',
      'tenants[1].model: no server serves a model "bert"',
      'tenants[1].slo.percentile: must be below 100',
      'tenants[1].slo.limitMs: is not positive',
    ]);
  });

  it.each([
    ['durationS: 10', 'durationS: -5\nwarmUpS: 3', {}, 'durationS'],
    [
      'durationS: 10',
      'durationS: -5\nwarmUpS: 3',
      { tenants: loaded('closedLoop: {concurrency: 1}') },
      'durationS',
    ],
    ['max_batch_size: 8', "max_batch_size: '8'", { tenants: tenant(', batchSize: 4') }, 'max_batch_size'],
    [
      'max_batch_size: 8, dynamic_batching: {}',
      'max_batch_sise: 8, dynamic_batching: {preferred_batch_size: [4]}',
      {},
      'max_batch_sise',
    ],
  ])(
    'with %s in place of it as %s are told once, not again for what is missing then',
    (was, is, parts, field) => {
      const problems = problemsOf(scenarioText(parts).replace(was, is));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(field);
    },
  );

  it('with memory that is none are told once, not again because it is not known', () => {
    const value = [{ file: 'a.profile.json', profile: profile('resnet', 'TPU') }];
    const problems = problemsOf(scenarioText({ devices: '[{name: gpu0, kind: TPU, memoryMb: -1}]' }), {
      profiles: new Map([['profiles', { value }]]),
    });
    expect(problems).toEqual([expect.stringContaining('memoryMb: is not positive')]);
  });

  it('with a share that is none are told once, not again because it is missing', () => {
    const device = '{name: gpu0, kind: Tesla P4, sharing: {mode: mps, shares: {resnet: 1.5}}}';
    expect(problemsOf(scenarioText({ devices: `[${device}]` }))).toEqual([
      expect.stringContaining('shares.resnet: is more than the device'),
    ]);
  });

  it('with the host as a device are not told of its memory', () => {
    const problems = problemsOf(scenarioText({ devices: '[{name: gpu0, kind: CPU}]' }));
    expect(problems.join()).toContain('the host CPU is no device');
    expect(problems.join()).not.toContain('memory');
  });

  it('of a model configuration whose other fields are wrong are told as well', () => {
    const text = 'max_batch_size: -8 platfrom: "onnx" dynamic_batching { preferred_batch_size: 4 }';
    const configs = new Map([['m.pbtxt', { value: { file: 'm.pbtxt', text } }]]);
    const problems = problemsOf(scenarioText({ models: '[{name: resnet, config: m.pbtxt}]' }), { configs });
    expect(problems.map((line) => line.replace(/;.*/, ''))).toEqual([
      'm.pbtxt:1:17: max_batch_size: -8 is negative',
      'm.pbtxt:1:20: platfrom: unknown field "platfrom" of ModelConfig',
      'm.pbtxt:1:78: dynamic_batching.preferred_batch_size[0]: 4 is outside 1 to max_batch_size -8',
    ]);
  });

  it('of which there are too many to show end with how many are not shown', () => {
    const problems = problemsOf(scenarioText({ tenants: Array(300).fill('- {nam: x}').join('\n  ') }));
    expect(problems[0]).toContain('tenants[0]');
    expect(problems.at(-1)).toMatch(/and \d+ more problems/);
  });
});
