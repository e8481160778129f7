import { expect, it } from 'vitest';
import { surenessSentence } from '../../src/node/tune/sureness-text.js';

const said = (low: number, high: number) =>
  surenessSentence(
    'the second',
    {
      decidedBy: 'objective',
      difference: { value: -1.5, low, high },
      relativePercent: -7,
      pValue: 0,
      probability: 1,
    },
    { unit: 'ms', where: 'on fresh seeds' },
  );

it('tune claims no probability where fresh seeds change nothing, as under a trace without any spread', () => {
  expect(said(-1.5, -1.5)).toBe(
    'Against the second, decided by the objective: -1.50 ms (-7.0 %) on fresh seeds; seeds change nothing here, neither arrivals nor times, so another day of this load may decide otherwise.',
  );
  expect(said(-1.6, -1.4)).toContain(
    '95 % interval -1.60 to -1.40) on fresh seeds; the winner is better with',
  );
});
