import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { cases } from '../support/cases.js';
import { check, scenarioText } from './fixtures.js';
import { mutated } from './mutate.js';

const TEXTS = [
  scenarioText(),
  scenarioText({
    top: 'warmUpS: 1\nseed: abc',
    devices:
      '[{name: a, kind: A100-80GB, mig: [2g.20gb, 2g.20gb]}, {name: b, kind: Tesla P4, sharing: {mode: mps, shares: {resnet: 0.5, bert: 0.25}}}]',
    models: `
      - {name: resnet, config: resnet.pbtxt, profile: resnet}
      - name: bert
        config:
          max_batch_size: 4
          instance_group: [{count: 2, gpus: [2]}]
          dynamic_batching: {preferred_batch_size: [2], priority_levels: 2, default_priority_level: 1}`,
    server: `replicas: 2
    machine: {kind: x, usdPerHour: 1}
    network: {bandwidthMbps: 100, requestDelayUs: 5}
    triton: {version: "25.04", frontEndThreads: 4}`,
    tenants: `
  - {name: a, model: bert, priority: 1, batchSize: 2, load: {trace: {file: two.csv, tenant: conv, scaleRate: 2}}}
  - {name: b, model: bert, routing: powerOfTwo, load: {closedLoop: {concurrency: 3, thinkMs: 1}}}
  - {name: c, model: bert, servers: [main-2], load: {process: {kind: poisson, ratePerS: 5}, maxInFlight: 2}, slo: {percentile: 9, limitMs: 1}}`,
  }),
];

const NOISE = [
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '\n',
  '  ',
  '"',
  "'",
  '#',
  '&a ',
  '*a',
  '|',
  '0',
  '-1',
  'null',
  '.inf',
];
const WORDS = [
  'resnet',
  'config: {}',
  'load: {}',
  'tenants:',
  '__proto__',
  'constructor',
  'name: main',
  'replicas: 0',
];

/** A checked scenario must be whole; everything else must be an InputError with places. */
function survives(text: string): void {
  try {
    const { scenario } = check(text);
    for (const tenant of scenario.tenants) {
      expect(tenant.targets.length).toBeGreaterThan(0);
      for (const { server, model } of tenant.targets) {
        expect(scenario.servers[server]!.models[model]!.instances.length).toBeGreaterThan(0);
      }
    }
    expect(scenario.durationUs).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem.what).not.toBe('');
  }
}

describe('the check of a scenario', () => {
  it('accepts what the mutations start from', () => {
    for (const text of TEXTS) expect(check(text).scenario.name).toBe('test');
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), survives), { numRuns: cases(1000) });
  });

  it('survives scenarios with random changes', () => {
    fc.assert(fc.property(mutated(TEXTS, [...NOISE, ...WORDS]), survives), { numRuns: cases(1500) });
  });

  it('survives any JSON', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), survives), { numRuns: cases(500) });
  });
});
