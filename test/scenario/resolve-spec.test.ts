import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkScenario } from '../../src/scenario/check.js';
import { resolveSpec } from '../../src/scenario/resolve-spec.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { RESOURCES, scenarioText } from './fixtures.js';

const texts: readonly (readonly [string, string])[] = [
  ['the smallest scenario', scenarioText()],
  ['a configuration from a file', scenarioText({ models: '[{name: resnet, config: resnet.pbtxt}]' })],
  [
    'replicas, a price and a network',
    scenarioText({
      server: `replicas: 2
    machine: {kind: n1, usdPerHour: 0.8, priceSource: "list, 2022"}
    network: {requestDelayUs: 20, bandwidthMbps: 1000}
    triton: {protocol: http}`,
    }),
  ],
  [
    'slices and shares',
    scenarioText({
      devices:
        '[{name: a, kind: A100-80GB, mig: [2g.20gb]}, {name: b, kind: Tesla P4, sharing: {mode: mps, shares: {resnet: 0.5}}}, {name: c, kind: Tesla P4, sharing: timeSlices}]',
    }),
  ],
  [
    'priorities',
    scenarioText({
      models:
        '[{name: resnet, config: {max_batch_size: 8, dynamic_batching: {priority_levels: 2, default_priority_level: 2, priority_queue_policy: {"1": {max_queue_size: 4}}}}}]',
      tenants:
        '- {name: search, model: resnet, priority: 1, load: {process: {kind: poisson, ratePerS: 10}, maxInFlight: 3}, slo: {percentile: 99, limitMs: 50, penaltyUsdPerHour: 2}}',
    }),
  ],
  [
    'a trace that decides the length',
    scenarioText({
      tenants: '- {name: conv, model: resnet, load: {trace: {file: two.csv, scaleRate: 2}}}',
    }).replace('durationS: 10', ''),
  ],
  [
    'an ensemble behind a response cache, and a model that calls others',
    scenarioText({
      server: 'triton: {cache: {sizeMb: 64}}',
      models: `
      - {name: resnet, config: {max_batch_size: 8, response_cache: {enable: true}}}
      - {name: asks, config: {backend: python}, calls: [{ownMs: 1}, {call: resnet, probability: 0.5}]}
      - name: both
        config:
          platform: ensemble
          input: [{name: X, data_type: TYPE_FP32, dims: [1]}]
          output: [{name: Y, data_type: TYPE_FP32, dims: [1]}]
          ensemble_scheduling: {step: [{model_name: resnet, input_map: {x: X}, output_map: {y: Y}}]}`,
    }),
  ],
];

describe('the resolved spec of', () => {
  it.each(texts)('%s, read again, gives the same scenario and itself', (_, text) => {
    const document = parseScenarioSpec(text);
    const { scenario } = checkScenario(document, RESOURCES);
    const resolved = resolveSpec(document.spec!, scenario);
    for (const written of [JSON.stringify(resolved), stringify(resolved)]) {
      const again = parseScenarioSpec(written);
      expect(again.problems).toEqual([]);
      const { scenario: same } = checkScenario(again, { ...RESOURCES, configs: new Map() });
      expect(same).toEqual(scenario);
      expect(resolveSpec(again.spec!, same)).toEqual(parse(stringify(resolved)));
    }
  });

  it('an ensemble names the version of each step, of which Triton loads none where it is left out', () => {
    const pinned = texts.at(-1)![1].replace('{model_name: resnet,', '{model_name: resnet, model_version: 2,');
    const written = [texts.at(-1)![1], pinned].map((text) => {
      const document = parseScenarioSpec(text);
      return stringify(resolveSpec(document.spec!, checkScenario(document, RESOURCES).scenario));
    });
    expect(written[0]).toContain('model_version: -1');
    expect(written[1]).toContain('model_version: 2');
  });

  it('a run folder has its own paths', () => {
    const document = parseScenarioSpec(texts[5]![1]);
    const { scenario } = checkScenario(document, RESOURCES);
    const resolved = resolveSpec(document.spec!, scenario, {
      profiles: ['inputs/profiles'],
      traceFile: (file) => `inputs/${file}`,
    });
    expect(resolved).toMatchObject({
      profiles: ['inputs/profiles'],
      tenants: [{ load: { trace: { file: 'inputs/two.csv' } } }],
    });
  });
});
