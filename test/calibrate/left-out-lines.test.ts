import { expect, it } from 'vitest';
import { fitToText } from '../../src/calibrate/fit-text.js';

it('points for which there was no time are one line, and do not hide why others were not measured', () => {
  const fit = {
    models: [],
    profiles: [],
    pairs: [],
    uncertain: [],
    unidentified: [],
    serving: { batcherWakeUs: 1 },
  };
  const leftOut = [{ id: 'a/sparse' }, { id: 'a/sequential-8', reason: 'out of memory' }, { id: 'b/sparse' }];
  expect(fitToText(fit as never, leftOut)).toMatch(
    /\nnot measured: a\/sequential-8 \(out of memory\)\nnot measured for lack of time, 2: a\/sparse, b\/sparse\n$/,
  );
});
