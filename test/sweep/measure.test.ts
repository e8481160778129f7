import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../src/report/build-report.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { componentFigures } from '../../src/sweep/measure/component-figures.js';
import { pointFigures } from '../../src/sweep/measure/point-summary.js';
import { anyScenario } from '../laws/arbitrary-scenario.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

function figuresOf(of: Scenario) {
  const components = partition(of).map((component) => ({
    component,
    figures: componentFigures(of, component),
  }));
  return pointFigures(of, components);
}

describe('the figures of a point', () => {
  it('are those of a full simulation and its summary', () => {
    fc.assert(
      fc.property(anyScenario(), (of) => {
        const whole = summarizeRun({ scenario: of, result: simulate(of) });
        const { summary } = figuresOf(of);
        for (const [i, expected] of [...whole.tenants, whole.total].entries()) {
          const found = [...summary.tenants, summary.total][i]!;
          expect(found.counts).toEqual(expected.counts);
          expect(found.stability).toBe(expected.stability);
          for (const key of [
            'offeredPerS',
            'throughputPerS',
            'inferencesPerS',
            'goodputPerS',
            'latencyMs',
          ] as const) {
            expectClose(found[key], expected[key], `${found.tenant} ${key}`);
          }
          if (found.tenant !== summary.total.tenant)
            expectClose(found.slo, expected.slo, `${found.tenant} slo`);
        }
        expect(summary.devices).toHaveLength(whole.devices.length);
        for (const [i, device] of whole.devices.entries()) {
          expect(summary.devices[i]!.busyShare).toBeCloseTo(device.busyShare, 9);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('count the kept promises of all tenants that have one, and of no others', () => {
    const model = { config: config('m', 4, {}), profile: profile('m', 4, 0.5) };
    const load = poisson('a', 100, 200);
    const tenants = [
      tenant('promised', 'm', load, { slo: { percentile: 99, limitMs: 1 } }),
      tenant('not promised', 'm', load),
    ];
    // Nothing is served within a millisecond.
    expect(figuresOf(scenario([server('s', { models: [model] })], tenants, 3)).attainment).toBe(0);
  });
});

/** Equal up to the order in which numbers were added. */
function expectClose(found: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number' && Number.isFinite(expected)) {
    expect(
      Math.abs((found as number) - expected),
      `${path}: ${found} is not ${expected}`,
    ).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [key, value] of Object.entries(expected)) {
      expectClose((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else {
    expect(found, path).toEqual(expected);
  }
}
