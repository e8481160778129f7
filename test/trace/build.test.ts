import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildTrace } from '../../src/trace/build.js';
import { orderByArrival } from '../../src/trace/order.js';
import { problemsOf } from './arbitrary-trace.js';

describe('building a trace', () => {
  test('columns left out have their defaults, the duration is the last arrival', () => {
    const trace = buildTrace({ arrivalUs: [0, 5, 5] });
    expect(trace).toEqual({
      tenants: ['default'],
      arrivalUs: Float64Array.of(0, 5, 5),
      tenant: Uint16Array.of(0, 0, 0),
      durationUs: 5,
    });
  });

  test('a typed array of the right kind is kept, not copied', () => {
    const arrivalUs = Float64Array.of(1, 2);
    expect(buildTrace({ arrivalUs }).arrivalUs).toBe(arrivalUs);
  });

  test('all problems are told at once, each with its row', () => {
    const problems = problemsOf(() =>
      buildTrace({
        arrivalUs: [0, 1.5, Number.NaN, -1],
        tenants: ['a', 'a', ''],
        tenant: [0, 1, 2, 3],
        batchSize: [1, -1, 65_536, 0],
        priority: [0, 0],
      }),
    );
    expect(problems.map(({ path, what }) => `${path}: ${what}`)).toEqual([
      'tenants[1]: the tenant "a" is named twice',
      'tenants[2]: a tenant has an empty name',
      'priority: has 2 rows where arrival_us has 4',
      'arrival_us[1]: 1.5 is not a whole number of microseconds since the start of the trace, 0 or more',
      'arrival_us[2]: NaN is not a whole number of microseconds since the start of the trace, 0 or more',
      'arrival_us[3]: -1 is not a whole number of microseconds since the start of the trace, 0 or more',
      'tenant[3]: 3 is not the index of one of 3 tenants',
      'batch_size[1]: -1 is not a whole number of inferences from 0 (as the tenant says) to 65535',
      'batch_size[2]: 65536 is not a whole number of inferences from 0 (as the tenant says) to 65535',
    ]);
  });

  test('of a hundred thousand wrong rows the first twenty are told, the rest is counted', () => {
    const problems = problemsOf(() => buildTrace({ arrivalUs: new Float64Array(100_000).fill(-1) }));
    expect(problems).toHaveLength(21);
    expect(problems[20]?.what).toBe('and 99980 more problems of this file');
  });

  test('rows out of order are a problem that says where, unless they are to be sorted', () => {
    const columns = { arrivalUs: [3, 1, 2, 1], batchSize: [30, 10, 20, 11] };
    expect(problemsOf(() => buildTrace(columns))[0]).toMatchObject({
      path: 'arrival_us[1]',
      what: '1 comes after 3: rows must be in order of arrival',
    });
    const sorted = buildTrace(columns, { sort: true });
    expect(sorted.arrivalUs).toEqual(Float64Array.of(1, 1, 2, 3));
    expect(sorted.batchSize).toEqual(Uint16Array.of(10, 11, 20, 30));
    expect(sorted.durationUs).toBe(3);
  });

  test('a duration must be whole and reach the last arrival', () => {
    expect(problemsOf(() => buildTrace({ arrivalUs: [10], durationUs: 9 }))[0]?.what).toMatch(
      /before the last arrival/,
    );
    expect(problemsOf(() => buildTrace({ arrivalUs: [10], durationUs: Number.NaN }))[0]?.path).toBe(
      'duration_us',
    );
    expect(buildTrace({ arrivalUs: [10], durationUs: 20 }).durationUs).toBe(20);
  });

  test('a name that is not valid Unicode is refused, since no file could keep it', () => {
    expect(problemsOf(() => buildTrace({ arrivalUs: [], tenants: ['\ud800'] }))).toHaveLength(1);
  });

  test('sorting is the stable sort by arrival', () => {
    const arrivals = fc.array(fc.oneof(fc.nat(3), fc.maxSafeInteger().map(Math.abs)));
    fc.assert(
      fc.property(arrivals, (arrivalUs) => {
        const expected = [...arrivalUs.keys()].sort(
          (a, b) => (arrivalUs[a] as number) - (arrivalUs[b] as number),
        );
        expect([...orderByArrival(Float64Array.from(arrivalUs))]).toEqual(expected);
      }),
    );
  });
});
