import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentFigures } from '../../src/measure/component-figures.js';
import { runFigures } from '../../src/measure/run-figures.js';
import { Scratch } from '../../src/metrics/statistics/scratch.js';
import { summarizeRun } from '../../src/report/build-report.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { callEndedUs, callsOf } from '../../src/trace/calls.js';
import { Outcome } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { expectClose } from '../support/close.js';
import { anyComposedScenario } from './composed-scenario.js';

describe('requests that are trees of calls', () => {
  it('keep the order of time, and lose no call', () => {
    fc.assert(
      fc.property(anyComposedScenario(), (of) => {
        const { log, executions } = simulate(of);
        const { calls } = log;
        if (calls.tree === undefined) return;
        const inExecutions = new Map<number, number>();
        for (let request = 0; request < log.outcome.length; request++) {
          const own = callsOf(log, request);
          expect(own.length).toBeGreaterThan(0);
          for (const call of own) {
            const parent = calls.tree.parent[call]!;
            expect(parent < call).toBe(true);
            const endedUs = callEndedUs(calls, call);
            if (calls.outcome[call] === Outcome.completed && calls.execution[call]! >= 0) {
              expect(calls.startedUs[call]!).toBeGreaterThanOrEqual(calls.queuedUs[call]!);
              expect(endedUs).toBeGreaterThanOrEqual(calls.startedUs[call]!);
            }
            if (parent >= 0) {
              expect(own).toContain(parent);
              expect(calls.queuedUs[call] ?? Number.NaN).not.toBeLessThan(calls.queuedUs[parent]!);
              // An error may be told while other steps go on.
              if (calls.outcome[parent] === Outcome.completed)
                expect(endedUs).toBeLessThanOrEqual(callEndedUs(calls, parent) + 1e-6);
            }
            if (calls.execution[call]! >= 0)
              inExecutions.set(calls.execution[call]!, (inExecutions.get(calls.execution[call]!) ?? 0) + 1);
          }
        }
        const counted = executions.reduce(
          (sum, { byBatchSize }) => sum + Array.from(byBatchSize).reduce((all, count) => all + count, 0),
          0,
        );
        expect(inExecutions.size).toBe(counted);
      }),
      { numRuns: cases(150) },
    );
  });

  it('have the same figures with a log and without', () => {
    fc.assert(
      fc.property(anyComposedScenario(), (of) => {
        const whole = summarizeRun({ scenario: of, result: simulate(of) });
        const memory = { scratch: new Scratch(), isKept: true, hasStages: true };
        const components = partition(of).map((component) => ({
          component,
          figures: componentFigures(of, component, memory),
        }));
        const { summary } = runFigures(of, components);
        for (const [i, expected] of whole.tenants.entries()) {
          const { steps: foundSteps = [], ...found } = summary.tenants[i]!;
          const { steps = [], ...rest } = expected;
          expectClose(found, rest, found.tenant);
          // A tenant of a component without trees has steps only in the log of a run that has some.
          if (foundSteps.length > 0) expectClose(foundSteps, steps, `${found.tenant} steps`);
        }
        expectClose(summary.devices, whole.devices, 'devices');
        expectClose(summary.models, whole.models, 'models');
      }),
      { numRuns: cases(60) },
    );
  });
});
