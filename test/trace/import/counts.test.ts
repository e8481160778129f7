import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importCounts } from '../../../src/trace/import/counts.js';
import { problemsOf } from '../arbitrary-trace.js';

describe('plain counts', () => {
  test('every interval has as many arrivals as were counted, and the time is that of all intervals', () => {
    const counts = fc.array(fc.nat(20), { minLength: 1, maxLength: 50 });
    const bin = fc.integer({ min: 100, max: 60e6 });
    fc.assert(
      fc.property(
        counts,
        bin,
        fc.constantFrom('even' as const, 'uniform' as const),
        (expected, binUs, spread) => {
          const trace = importCounts(expected.join('\n'), { binUs, spread });
          const found = expected.map(() => 0);
          for (const us of trace.arrivalUs) found[Math.floor(us / binUs)]!++;
          expect(found).toEqual(expected);
          expect(trace.durationUs).toBe(expected.length * binUs);
        },
      ),
    );
  });

  test('evenly spaced arrivals leave the same gap between them and half of it at both ends', () => {
    expect([...importCounts('4 0 1').arrivalUs]).toEqual([125_000, 375_000, 625_000, 875_000, 2_500_000]);
  });

  test('may stand on one line or on many, with blanks or commas, after a byte order mark', () => {
    const expected = importCounts('1 2 3').arrivalUs;
    for (const text of ['\ufeff1\r\n2\r\n3\r\n', '1,2,3', ' 1\t2;3 \n\n']) {
      expect(importCounts(text).arrivalUs).toEqual(expected);
    }
  });

  test('a part begins at 0', () => {
    const trace = importCounts('5 1 1 5', { fromUs: 1e6, toUs: 3e6 });
    expect([...trace.arrivalUs]).toEqual([500_000, 1_500_000]);
    expect(trace.durationUs).toBe(2e6);
  });

  test('what is no count is told by line', () => {
    const problems = problemsOf(() => importCounts('1 2\n1.5 -1 x\n', { file: 'n.txt' }));
    expect(problems.map(({ line, what }) => `${line}: ${what}`)).toEqual([
      '2: "1.5" is not a count',
      '2: "-1" is not a count',
      '2: "x" is not a count',
    ]);
    expect(problemsOf(() => importCounts(' \n'))[0]?.what).toBe('there are no counts');
  });

  test.each([
    { binUs: 0 },
    { binUs: 0.5 },
    { binUs: Number.NaN },
    { binUs: 2 ** 33 },
    { fromUs: -1e6 },
    { fromUs: 2e6, toUs: 1e6 },
  ])('refuses %o', (options) => {
    expect(problemsOf(() => importCounts('1 2', options))).toHaveLength(1);
  });
});
