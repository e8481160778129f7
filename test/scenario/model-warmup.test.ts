import { expect, it } from 'vitest';
import { loadMsOf } from '../../src/scenario/loading.js';
import { simulate } from '../../src/simulator/simulate.js';
import { profile } from '../support/scenario.js';
import { check, scenarioText } from './fixtures.js';

const load = { loadMs: 300, unloadMs: 0, firstInferenceMs: 50 };
const slow = { ...profile('resnet', 10, 0), device: 'Tesla P4', load };
const profiles = new Map([['profiles', { value: [{ file: 'resnet', profile: slow }] }]]);

/** Latencies of five requests, 100 ms apart, to a model that is loaded anew at 0.25 s. */
function latenciesMs(config: string): readonly number[] {
  const text = scenarioText({
    top: 'changes: [{atS: 0.25, do: reloadModel, server: main, model: resnet, loadMs: 1}]',
    models: `[{name: resnet, coldStart: true, config: {${config}}}]`,
    tenants:
      '- {name: a, model: resnet, load: {durationS: 0.5, process: {kind: constant, ratePerS: 10, phase: 0.5}}}',
  });
  const { scenario } = check(text, { profiles });
  const { log } = simulate(scenario);
  return Array.from(log.endedUs, (us, row) => Math.round((us - log.plannedUs[row]!) / 1000));
}

it('a model with model_warmup is not cold for its first requests, also when it is loaded anew', () => {
  expect(latenciesMs('max_batch_size: 1')).toEqual([60, 10, 10, 60, 10]);
  const warmed = 'max_batch_size: 1, model_warmup: [{name: first, batch_size: 1}]';
  expect(latenciesMs(warmed)).toEqual([10, 10, 10, 10, 10]);
});

it('a load takes as much longer as its warm-up does, unless it is written how long it takes', () => {
  const loadMs = (config: string, more = '') => {
    const text = scenarioText({ models: `[{name: resnet, config: {${config}}${more}}]` });
    return loadMsOf(check(text, { profiles }).scenario.servers[0]!.models[0]!);
  };
  expect(loadMs('max_batch_size: 1')).toBe(300);
  expect(loadMs('max_batch_size: 1, model_warmup: [{name: first, batch_size: 1}]')).toBe(350);
  expect(loadMs('max_batch_size: 1, model_warmup: [{name: first, batch_size: 1}]', ', loadMs: 400')).toBe(
    400,
  );
});
