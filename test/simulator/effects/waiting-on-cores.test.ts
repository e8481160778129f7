import { expect, it } from 'vitest';
import type { SimulationResult } from '../../../src/simulator/result.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { config, ONE_CLIENT, profile, scenario, server, tenant } from '../../support/scenario.js';

const NAMES = ['a', 'b', 'c'];
const CORES = 2;
const DURATION_S = 20;
const EXECUTION_MS = 5;

/** Three models with a client each, of which each was measured beside the next one. */
function run(cpuCores: number | undefined): SimulationResult {
  const serving = {
    batcherWakeUs: 0,
    instanceWakeUs: 0,
    instancePickUpUs: 0,
    timerSlackUs: 0,
    batcherWinsShare: 0,
    requestDelayUs: 0,
    responseDelayUs: 0,
    generatorUs: 0,
  };
  const models = NAMES.map((name, i) => ({
    config: config(name, 1),
    profile: profile(name, EXECUTION_MS, 0, {
      interference: { pairs: [{ model: NAMES[(i + 1) % 3]!, slowdown: 1.1 }] },
      ...(cpuCores !== undefined && { serving: { ...serving, cpuCores } }),
    }),
  }));
  const base = server('s', { models, sharing: { mode: 'hostCores', cores: CORES }, devices: 1 });
  const tenants = NAMES.map((name, model) =>
    tenant(name, name, ONE_CLIENT, { targets: [{ server: 0, model }] }),
  );
  return simulate(scenario([base], tenants, DURATION_S));
}

/** Executions per second as a share of what they do undisturbed. */
function shareLeft(cpuCores: number | undefined): number {
  const { log } = run(cpuCores);
  const completed = log.outcome.filter((outcome) => outcome === Outcome.completed).length;
  return completed / (3 * DURATION_S * (1000 / EXECUTION_MS));
}

it('models that were counted to keep no core busy share none, however many of them run and whatever they cost each other', () => {
  expect(shareLeft(CORES)).toBeGreaterThan(0.85);
});

it('where nobody counted, those that slow each other are taken for models that compute', () => {
  expect(shareLeft(undefined)).toBeLessThan(0.7);
});

it.each([
  { counted: CORES, assumed: 1 },
  { counted: undefined, assumed: 2 },
])('a slowdown that nobody measured is said to be assumed as it is: $assumed', ({ counted, assumed }) => {
  const messages = run(counted).warnings.map(({ message }) => message);
  const said = messages.filter((message) => message.includes('was not measured'));
  expect(said).toHaveLength(NAMES.length);
  for (const message of said) expect(message).toContain(`is assumed to be ${assumed} `);
});
