import fc from 'fast-check';
import { describe, it } from 'vitest';
import { componentFigures } from '../../src/measure/component-figures.js';
import { runFigures } from '../../src/measure/run-figures.js';
import { Scratch } from '../../src/metrics/statistics/scratch.js';
import { summarizeRun } from '../../src/report/build-report.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { expectClose } from '../support/close.js';
import { anyComposedScenario } from './composed-scenario.js';
import { checkRun } from './run-laws.js';

describe('requests that are trees of calls', () => {
  it('keep all laws of runs', () => {
    fc.assert(
      fc.property(anyComposedScenario(), (of) => checkRun(of, simulate(of))),
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
