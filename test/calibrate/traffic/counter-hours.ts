import { simulate } from '../../../src/simulator/simulate.js';
import { config, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';
import { countersOf, pageOf } from './counters-of.js';

export const FACTS = { device: 'Test GPU', source: 'test', date: '2026-01-01' };

const truth = profile('m', 2, 0.5, {
  spread: { law: 'lognormal', cv: 0.05 },
  response: { fixedUs: 0, perRequestUs: 25, perKilobyteUs: 0 },
});

/** Counters after each of several hours of different load, one after the other. */
export function hours(ratesPerS: readonly number[]): { atS: number; counters: Record<string, number> }[] {
  const readings = [{ atS: 0, counters: sum([]) }];
  const parts: Record<string, number>[] = [];
  for (const [i, ratePerS] of ratesPerS.entries()) {
    const run = scenario(
      [server('s', { models: [{ config: config('m', 16, {}), profile: truth }] })],
      [tenant('t', 'm', poisson(`hour ${i}`, ratePerS, ratePerS * 10))],
      11,
    );
    parts.push(countersOf(simulate(run).log));
    readings.push({ atS: (i + 1) * 11, counters: sum(parts) });
  }
  return readings;
}

export function sum(parts: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(countersOf(simulate(scenario([], [], 1)).log));
  return Object.fromEntries(
    names.map((name) => [name, parts.reduce((total, part) => total + part[name]!, 0)]),
  );
}

export const readings = hours([50, 300, 600, 900, 1200]);
export const pages = readings.map(({ counters }, i) => ({ file: `${i}.txt`, text: pageOf(counters, 'm') }));
