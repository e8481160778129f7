import { mean, sampleStandardDeviation } from 'simple-statistics';
import { expect, it } from 'vitest';
import { simulate } from '../../../src/simulator/simulate.js';
import { SERVING } from '../../calibrate/fit/simulated-observations.js';
import { config, ONE_CLIENT, profile, scenario, server, tenant } from '../../support/scenario.js';

const NAMES = ['a', 'b'];
const ALONE_MS = 5;
const SLOWDOWN = 1.2;

/** Inference times of a model beside another one, each with a client that never pauses, as multiples of that alone. */
function stretches(isHost: boolean, beside = true): number[] {
  const models = NAMES.map((name, i) => ({
    config: config(name, 1),
    profile: profile(name, ALONE_MS, 0, {
      interference: { pairs: [{ model: NAMES[1 - i]!, slowdown: SLOWDOWN }] },
      ...(isHost && { serving: SERVING, hostCores: { input: 0, infer: 1, output: 0, response: 0 } }),
    }),
  }));
  const base = server('s', {
    models,
    sharing: isHost ? { mode: 'hostCores', cores: 2 } : { mode: 'streams' },
  });
  const tenants = NAMES.slice(0, beside ? 2 : 1).map((name, model) =>
    tenant(name, name, ONE_CLIENT, { targets: [{ server: 0, model }] }),
  );
  const { log } = simulate(scenario([base], tenants, 60));
  return Array.from(log.calls.inferUs)
    .filter((us, row) => log.tenant[row] === 0 && log.outcome[row] === 0 && us > 0)
    .map((us) => us / 1000 / ALONE_MS);
}

it('a model that has the host for itself takes what it does alone', () => {
  for (const stretch of stretches(true, false)) expect(stretch).toBeCloseTo(1, 6);
});

it('what another model costs on the cores of a host is what was measured, and hardly differs', () => {
  const measured = stretches(true).slice(1, -1);
  expect(measured.length).toBeGreaterThan(5000);
  expect(mean(measured)).toBeCloseTo(SLOWDOWN, 2);
  expect(sampleStandardDeviation(measured)).toBeLessThan(0.002);
});

it('is the same each time on a GPU', () => {
  for (const stretch of stretches(false).slice(1, -1)) expect(stretch).toBeCloseTo(SLOWDOWN, 6);
});
