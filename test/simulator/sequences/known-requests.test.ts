import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { ComponentSetup } from '../../../src/simulator/component-run.js';
import { areFastPaths } from '../../../src/simulator/open-loop/fast-paths.js';
import { partition } from '../../../src/simulator/partition.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { anySequences } from '../../laws/sequence-scenario.js';
import { cases } from '../../support/cases.js';
import { expectSameRuns } from '../../support/same-runs.js';

describe('sequences of which all requests are known', () => {
  it('have the same slots, batches and answers as in the event loop', () => {
    const property = fc.property(anySequences, (of) => {
      for (const component of partition(of))
        expect(areFastPaths(new ComponentSetup(of, component, new RandomStreams(of.seed)))).toBe(true);
      expectSameRuns(simulate(of), simulate(of, { eventLoop: true }));
    });
    fc.assert(property, { numRuns: cases(200) });
  });
});
