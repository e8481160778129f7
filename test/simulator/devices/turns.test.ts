import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sharing } from '../../../src/scenario/scenario.js';
import { TurnsDevice } from '../../../src/simulator/resources/shared-device.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { config, ONE_CLIENT, profile, scenario, server, tenant } from '../../support/scenario.js';

const MS = 1e6;

/** When executions end that start at these instants with so much work, in milliseconds, by job. */
function ends(
  { quantumMs, overhead }: { quantumMs: number; overhead: number },
  jobs: readonly { readonly atMs: number; readonly workMs: number }[],
): number[] {
  const device = new TurnsDevice(quantumMs * MS, overhead);
  const endsMs = jobs.map(() => Number.NaN);
  const stepUntil = (ns: number) => {
    while (device.nextNs <= ns && device.nextNs < Infinity) {
      const nowNs = device.nextNs;
      const job = device.step();
      if (job >= 0) endsMs[job] = nowNs / MS;
    }
  };
  jobs.forEach(({ atMs, workMs }, job) => {
    stepUntil(atMs * MS);
    device.start(job, 0, workMs * MS, atMs * MS);
  });
  stepUntil(1e300);
  return endsMs;
}

/** Executions per second of two models with a client each, 10 ms of work an execution. */
function throughput(sharing: Sharing): number {
  const models = ['a', 'b'].map((name) => ({ config: config(name, 1), profile: profile(name, 10, 0) }));
  const closedLoopClients = ['a', 'b'].map((name, model) =>
    tenant(name, name, ONE_CLIENT, { targets: [{ server: 0, model }] }),
  );
  const { log } = simulate(scenario([server('s', { models, sharing })], closedLoopClients, 20));
  return log.outcome.filter((outcome) => outcome === Outcome.completed).length / 20;
}

describe('time slices with a quantum', () => {
  it.each([0, 0.02, 0.5])('lose %d of the time to switching, as ideal even shares do', (switchOverhead) => {
    const even = throughput({ mode: 'timeSlices', switchOverhead, quantumUs: undefined });
    const inTurns = throughput({ mode: 'timeSlices', switchOverhead, quantumUs: 2000 });
    expect(even / (100 * (1 - switchOverhead))).toBeCloseTo(1, 2);
    expect(inTurns / even).toBeCloseTo(1, 2);
  });

  it.each([
    ['nothing while one is alone', [{ atMs: 0, workMs: 5 }], [5]],
    [
      'half of each turn while two are there, and nothing once one of them has ended',
      [
        { atMs: 0, workMs: 2 },
        { atMs: 0, workMs: 4 },
      ],
      // Turns do a millisecond of work each: the first has ended after its second one, when 3 ms of the other are left.
      [6, 9],
    ],
    [
      'half of what is left of a turn when another comes during it',
      [
        { atMs: 0, workMs: 2 },
        { atMs: 1, workMs: 1 },
      ],
      // 1 ms alone, half of 1 ms beside the other, 2 ms of the other, which ends, and 0.5 ms alone again.
      [4.5, 4],
    ],
  ])('lose %s', (_, jobs, endsMs) => {
    expect(ends({ quantumMs: 2, overhead: 0.5 }, jobs)).toEqual(endsMs);
  });

  it('have done all work when what was lost while somebody waited has been added to it', () => {
    const job = fc.record({ atMs: fc.constant(0), workMs: fc.integer({ min: 1, max: 9 }) });
    const together = fc.property(
      fc.array(job, { minLength: 2, maxLength: 5 }),
      fc.constantFrom(0, 0.1, 0.3),
      fc.constantFrom(0.1, 0.7, 2, 50),
      (jobs, overhead, quantumMs) => {
        const endsMs = ends({ quantumMs, overhead }, jobs);
        const workMs = jobs.reduce((sum, each) => sum + each.workMs, 0);
        const lastMs = Math.max(...endsMs);
        // Until the last but one has ended, somebody waited.
        const [beforeMs] = endsMs.toSorted((a, b) => b - a).slice(1);
        expect(lastMs).toBeCloseTo(workMs + beforeMs! * overhead, 3);
      },
    );
    fc.assert(together);
  });
});
