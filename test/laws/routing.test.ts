import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Routing, Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import {
  config,
  lengthOf,
  meanLatencyMs,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';
import { anyScenario } from './arbitrary-scenario.js';
import { rowsWhere } from './log.js';

const SERVERS = 4;

/** One tenant over four servers that each execute one request at a time. */
function farm(routing: Routing, { utilization = 0.85, requests = 20_000, seed = 1 } = {}): Scenario {
  const model = profile('m', 10, 0, { spread: { law: 'gamma', cv: 1 } });
  const load = poisson(`farm ${seed}`, utilization * SERVERS * 100, requests);
  const servers = Array.from({ length: SERVERS }, (_, i) =>
    server(`s${i}`, { models: [{ config: config('m', 1), profile: model }] }),
  );
  const targets = servers.map((_, i) => ({ server: i, model: 0 }));
  return scenario(servers, [tenant('t', 'm', load, { targets, routing })], lengthOf(load, 1), { seed });
}

const meanMs = (routing: Routing, seed: number) => meanLatencyMs(simulate(farm(routing, { seed })).log, 1000);

describe('routing', () => {
  it('round robin sends to each server in its turn, so that counts never differ by more than one', () => {
    const property = fc.property(anyScenario(), (spec) => {
      const { log } = simulate(spec);
      for (const [t, { routing, targets }] of spec.tenants.entries()) {
        if (routing !== 'roundRobin') continue;
        const sent = rowsWhere(log, (row) => log.tenant[row] === t && !Number.isNaN(log.sentUs[row]!));
        const inTurn = sent.map((_, i) => targets[i % targets.length]!.server);
        expect(sent.map((row) => log.server[row])).toEqual(inTurn);
      }
    });
    fc.assert(property, { numRuns: cases(80) });
  });

  it('sends requests only to the servers of their tenant', () => {
    const property = fc.property(anyScenario(), (spec) => {
      const { log } = simulate(spec);
      for (const row of rowsWhere(log, (each) => !Number.isNaN(log.sentUs[each]!))) {
        const allowed = spec.tenants[log.tenant[row]!]!.targets.map((target) => target.server);
        expect(allowed).toContain(log.server[row]);
      }
    });
    fc.assert(property, { numRuns: cases(50) });
  });

  it('at random sends each of four servers a quarter, within four standard deviations', () => {
    const { log } = simulate(farm('random'));
    const deviation = Math.sqrt((log.server.length * (SERVERS - 1)) / SERVERS ** 2);
    for (let at = 0; at < SERVERS; at++) {
      const sent = log.server.filter((each) => each === at).length;
      expect(Math.abs(sent - log.server.length / SERVERS)).toBeLessThan(4 * deviation);
    }
  });

  it.each([1, 2, 3])(
    'with more knowledge is faster (seed %d): least outstanding, two choices and round robin each beat random',
    (seed) => {
      const random = meanMs('random', seed);
      const two = meanMs('powerOfTwo', seed);
      expect(meanMs('leastOutstanding', seed)).toBeLessThan(two);
      expect(two).toBeLessThan(0.75 * random);
      expect(meanMs('roundRobin', seed)).toBeLessThan(random);
    },
  );

  it('to a single idle server at a time is what least outstanding does: no request waits while a server is idle', () => {
    const { log } = simulate(farm('leastOutstanding', { utilization: 0.5, requests: 3000 }));
    const endedBy = Array.from({ length: SERVERS }, () => 0);
    for (const row of log.tenant.keys()) {
      const waits = log.calls.startedUs[row]! > log.calls.queuedUs[row]!;
      if (waits) expect(endedBy.every((us) => us > log.calls.queuedUs[row]!)).toBe(true);
      endedBy[log.server[row]!] = Math.max(endedBy[log.server[row]!]!, log.endedUs[row]!);
    }
  });
});
