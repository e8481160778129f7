import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { anyScenario } from './arbitrary-scenario.js';
import { anyLimitedScenario } from './limited-scenario.js';
import { completedRows } from './log.js';
import { RUN_LAWS } from './run-laws.js';

/** Runs the property on random scenarios, by the short ways and by the general event loop. */
function holds(law: (scenario: Scenario, result: SimulationResult) => void): void {
  const any = fc.oneof(
    { weight: 3, arbitrary: anyScenario() },
    { weight: 1, arbitrary: anyLimitedScenario() },
  );
  const property = fc.property(any, fc.boolean(), (scenario, eventLoop) => {
    law(scenario, simulate(scenario, { eventLoop }));
  });
  fc.assert(property, { numRuns: cases(150) });
}

describe('whatever the scenario', () => {
  it.each(Object.entries(RUN_LAWS))('%s', (_, law) => {
    holds(law);
  });

  it('the parts of a completed request add up to its latency within 2 microseconds', () => {
    holds((_, { log }) => {
      const { calls } = log;
      for (const row of completedRows(log)) {
        const parts = [calls.inputUs, calls.inferUs, calls.outputUs, calls.responseUs].map(
          (column) => column[row]!,
        );
        const waitedUs =
          log.sentUs[row]! - log.plannedUs[row]! + calls.startedUs[row]! - calls.queuedUs[row]!;
        const sum = parts.reduce((total, us) => total + us, log.frontEndUs[row]! + log.networkUs[row]!);
        expect(Math.abs(waitedUs + sum - (log.endedUs[row]! - log.plannedUs[row]!))).toBeLessThan(2);
      }
    });
  });
});
