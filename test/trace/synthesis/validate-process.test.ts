import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { formatProblem, InputError } from '../../../src/base/problem.js';
import { RandomStreams } from '../../../src/base/random.js';
import { arrivalStream } from '../../../src/trace/synthesis/arrival-stream.js';
import type { BatchSizes } from '../../../src/trace/synthesis/batch-sizes.js';
import { meanRatePerS } from '../../../src/trace/synthesis/mean-rate.js';
import type { ArrivalProcess } from '../../../src/trace/synthesis/process.js';
import { arrivalProcessSchema, type batchSizesSchema } from '../../../src/trace/synthesis/process-schema.js';
import { validateBatchSizes, validateProcess } from '../../../src/trace/synthesis/validate-process.js';
import { cases } from '../../support/cases.js';
import { EXAMPLES, exampleName } from './helpers.js';

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

const messages = (value: unknown, path = 'load') => validateProcess(value, path).map(formatProblem);

describe('validateProcess', () => {
  it.each(EXAMPLES.map((process) => [exampleName(process), process]))('accepts %s as it is', (_, process) => {
    expect(validateProcess(process, 'load')).toEqual([]);
  });

  it('accepts exactly what the types say', () => {
    expectTypeOf<DeepReadonly<z.infer<typeof arrivalProcessSchema>>>().toEqualTypeOf<ArrivalProcess>();
    expectTypeOf<DeepReadonly<z.infer<typeof batchSizesSchema>>>().toEqualTypeOf<BatchSizes>();
    expect(arrivalProcessSchema.options).toHaveLength(11);
  });

  it.each<[unknown, string[]]>([
    [undefined, ['load: missing; write named fields']],
    [7, ['load: 7 is not allowed here; write named fields']],
    [{ kind: 'poisson' }, ['load.ratePerS: missing; write a number']],
    [{ kind: 'poisson', ratePerS: 0 }, ['load.ratePerS: 0 is out of range; write more than 0']],
    [
      { kind: 'poisson', ratePerS: 1e10 },
      ['load.ratePerS: 10000000000 is out of range; write at most 1000000000'],
    ],
    [{ kind: 'poisson', ratePerS: 1, cv: 1 }, ['load.cv: unknown key `cv`; known here: `kind`, `ratePerS`']],
    [
      { kind: 'gamma', ratePerS: -1, cv: 0 },
      [
        'load.ratePerS: -1 is out of range; write more than 0',
        'load.cv: must be at least 0.001; for evenly spaced requests use constant',
      ],
    ],
    [{ kind: 'weibull', ratePerS: 1, cv: 1e3 }, ['load.cv: 1000 is out of range; write at most 100']],
    [{ kind: 'constant', ratePerS: 1, phase: 1 }, ['load.phase: 1 is out of range; write less than 1']],
    [{ kind: 'mmpp', states: [] }, ['load.states: needs at least 2 states; with one rate use poisson']],
    [
      { kind: 'mmpp', states: [0, 0].map((ratePerS) => ({ ratePerS, meanDwellS: 1 })) },
      ['load.states: no state has a rate; give one a ratePerS above 0'],
    ],
    [
      {
        kind: 'diurnal',
        meanRatePerS: 1,
        amplitude: 2,
        periodS: 0,
        peakAtS: 0,
        gaps: { law: 'gama', cv: 1 },
      },
      [
        'load.amplitude: 2 is out of range; write at most 1',
        'load.periodS: 0 is out of range; write at least 0.0001',
        'load.gaps.law: the text "gama" is not known here; ' +
          'write one of "constant", "exponential", "gamma", "weibull"; did you mean "gamma"?',
      ],
    ],
    [
      { kind: 'flashCrowd', baseRatePerS: 5, peakRatePerS: 5, startS: 0, rampUpS: 0, holdS: 0, decayS: 0 },
      ['load.peakRatePerS: is not above baseRatePerS; write a higher rate'],
    ],
    [
      { kind: 'ramp', fromRatePerS: 0, toRatePerS: 0 },
      ['load.toRatePerS: both rates are 0; write one above 0'],
    ],
    [{ kind: 'counts', counts: [], binS: 1 }, ['load.counts: the list has 0 entries; write at least 1']],
    [
      { kind: 'counts', counts: [0], binS: 1 },
      ['load.counts: all bins are empty; give one more than 0 requests'],
    ],
    [
      { kind: 'counts', counts: [1e9], binS: 0.001 },
      ['load.counts: a bin has more than 1000000000 requests per second; lower it or lengthen binS'],
    ],
    [
      { kind: 'counts', counts: [1, true], binS: 1 },
      ['load.counts[1]: true is not allowed here; write a number'],
    ],
  ])('says what is wrong with %o', (value, expected) => {
    expect(messages(value)).toEqual(expected);
  });

  it('names the kinds there are', () => {
    expect(messages({ kind: 'posson', ratePerS: 1 })[0]).toMatch(
      /^load\.kind: .*"constant", .*did you mean "poisson"\?$/,
    );
  });

  it('starts every path where it was told the value was found', () => {
    expect(messages({ kind: 'poisson' }, '')).toEqual(['ratePerS: missing; write a number']);
    expect(messages({ kind: 'poisson' }, 'tenants[2].load')[0]).toMatch(/^tenants\[2\]\.load\.ratePerS: /);
  });

  it('answers anything with problems or with none, never with an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almostProcess()), (value) => {
        for (const problem of validateProcess(value, 'load')) expect(problem.path).toMatch(/^load/);
      }),
      { numRuns: cases(2000) },
    );
  });

  it('lets through only what can be generated: ordered whole numbers, no NaN, no end that never comes', () => {
    fc.assert(
      fc.property(
        almostProcess(),
        fc.double({ min: 0.001, max: 100, noNaN: true }),
        fc.nat(),
        (value, durationS, seed) => {
          if (validateProcess(value, 'load').length > 0) return;
          const process = value as ArrivalProcess;
          const random = new RandomStreams(seed).get('a');
          const block = new Float64Array(200);
          const count = arrivalStream({ process, durationS, random, maxRequests: 200 }).fill(block);
          const arrivals = block.subarray(0, count);
          expect(arrivals.every((us, i) => Number.isInteger(us) && us >= (arrivals[i - 1] ?? 0))).toBe(true);
          expect(arrivals.at(-1) ?? 0).toBeLessThanOrEqual(durationS * 1e6);
          expect(meanRatePerS(process, durationS)).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: cases(2000) },
    );
  });

  it('is what arrivalStream says of a process that was not checked before', () => {
    const process = { kind: 'poisson', ratePerS: -1 } as const;
    const random = new RandomStreams(1).get('a');
    expect(() => arrivalStream({ process, durationS: 1, random })).toThrow(InputError);
  });
});

describe('validateBatchSizes', () => {
  it.each<[unknown, string[]]>([
    [4, []],
    [[{ batchSize: 1, weight: 1 }], []],
    [0, ['b: 0 is out of range; write at least 1']],
    [1.5, ['b: 1.5 is not allowed here; write a whole number or a list']],
    [[], ['b: the list has 0 entries; write at least 1']],
    [[{ batchSize: 1, weight: 0 }], ['b: all weights are 0; give one more than 0']],
    [[{ batchSize: 1 }], ['b[0].weight: missing; write a number']],
    [
      [
        { batchSize: 70000, weight: -1 },
        { batchSize: 1, weight: 1 },
      ],
      [
        'b[0].batchSize: 70000 is out of range; write at most 65535',
        'b[0].weight: -1 is out of range; write at least 0',
      ],
    ],
  ])('says what is wrong with %o', (value, expected) => {
    expect(validateBatchSizes(value, 'b').map(formatProblem)).toEqual(expected);
  });

  it('answers anything with a list, never with an exception', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(Array.isArray(validateBatchSizes(value, 'b'))).toBe(true);
      }),
      { numRuns: cases(1000) },
    );
  });
});

/** A good process with some of its fields replaced, or left out, or joined by others. */
function almostProcess(): fc.Arbitrary<unknown> {
  const number = fc.oneof(
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.constantFrom(0, -0, 1, 1e-9, 1e-6, 0.001, 100, 1e9, 1e12, Number.MIN_VALUE, Number.MAX_VALUE, NaN, -1),
  );
  const states = fc.array(
    fc.record({ ratePerS: number, meanDwellS: number.map((s) => Math.max(s, 0.001)) }),
    {
      maxLength: 4,
    },
  );
  const value = fc.oneof(
    { weight: 6, arbitrary: number },
    { weight: 2, arbitrary: fc.array(number, { maxLength: 5 }) },
    { weight: 2, arbitrary: states },
    { weight: 1, arbitrary: fc.anything() },
  );
  const keys = [...new Set(EXAMPLES.flatMap((process) => Object.keys(process)))].filter(
    (key) => key !== 'kind',
  );
  const change = fc.dictionary(fc.constantFrom(...keys, 'other'), value, { maxKeys: 2 });
  return fc.tuple(fc.constantFrom(...EXAMPLES), change).map(([process, changes]) => {
    const relevant = Object.entries(changes).filter(([key]) => key in process || key === 'other');
    return { ...process, ...Object.fromEntries(relevant) };
  });
}
