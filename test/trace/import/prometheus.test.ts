import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportOptions } from '../../../src/trace/import/options.js';
import { importPrometheus } from '../../../src/trace/import/prometheus/prometheus.js';
import type { Trace } from '../../../src/trace/trace.js';
import { problemsOf } from '../arbitrary-trace.js';

const START_S = 1_700_000_000;
const STEP_S = 15;
const SUCCESS = { __name__: 'nv_inference_request_success' };

type Value = number | string | undefined;

/** A series with a value every step; undefined leaves a sample out. */
function series(metric: object, values: readonly Value[], stepS = STEP_S) {
  const samples = values.map((value, i) => [START_S + i * stepS, String(value)]);
  return { metric, values: samples.filter((_, i) => values[i] !== undefined) };
}

const counter = (labels: object, values: readonly Value[]) => series({ ...SUCCESS, ...labels }, values);

const imported = (result: readonly object[], options: ImportOptions = {}, rest: object = {}) =>
  importPrometheus(
    JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...rest }),
    options,
  );

/** Arrivals of a tenant in each interval. */
function countsOf(trace: Trace, tenant: string, binUs = STEP_S * 1e6): number[] {
  const counts = Array.from({ length: Math.ceil(trace.durationUs / binUs) }, () => 0);
  for (const [row, us] of trace.arrivalUs.entries()) {
    if (trace.tenants[trace.tenant[row] as number] === tenant) counts[Math.floor(us / binUs)]!++;
  }
  return counts;
}

/** What a counter shows that begins at `first`. */
function counted(increments: readonly number[], first = 1000): number[] {
  let so = first;
  return [first, ...increments.map((increment) => (so += increment))];
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const increments = fc.array(fc.nat(30), { minLength: 1, maxLength: 30 });
const spread = fc.constantFrom('even' as const, 'uniform' as const);

describe('counters', () => {
  test('give every step as many arrivals as all series of a tenant counted in it, in order of time', () => {
    fc.assert(
      fc.property(fc.array(increments, { minLength: 1, maxLength: 4 }), spread, (pods, how) => {
        const found = imported(
          pods.map((pod, i) => counter({ model: 'm', pod: `${i}` }, counted(pod))),
          { spread: how },
        ).trace;
        const steps = Math.max(...pods.map((pod) => pod.length));
        const expected = Array.from({ length: steps }, (_, i) => sum(pods.map((pod) => pod[i] ?? 0)));
        expect(countsOf(found, 'm')).toEqual(expected);
        expect(found.durationUs).toBe(steps * STEP_S * 1e6);
        expect([...found.arrivalUs]).toEqual([...found.arrivalUs].sort((a, b) => a - b));
      }),
    );
  });

  test('of each tenant are its own, whoever else is there, and drawn from the seed', () => {
    const a = counter({ model: 'a' }, counted([40, 30]));
    const b = counter({ model: 'b' }, counted([20, 60]));
    const arrivals = ({ trace }: { trace: Trace }, tenant: string) =>
      [...trace.arrivalUs].filter((_, row) => trace.tenants[trace.tenant[row] as number] === tenant);
    const both = imported([b, a], { seed: 7 });
    expect(both.trace.tenants).toEqual(['a', 'b']);
    expect(arrivals(imported([a], { seed: 7 }), 'a')).toEqual(arrivals(both, 'a'));
    expect(imported([a, b], { seed: 7 }).trace).toEqual(both.trace);
    expect(arrivals(imported([a], { seed: 8 }), 'a')).not.toEqual(arrivals(both, 'a'));
  });

  test('that go back began again at 0: what they hold then came since, and is told', () => {
    const { trace, notes } = imported([counter({ model: 'm' }, [5, 9, 3, 4])]);
    expect(countsOf(trace, 'm')).toEqual([4, 3, 1]);
    expect(notes).toEqual([expect.stringContaining('began again at 0: 1;')]);
  });

  test('tell over missing samples how many came, not when', () => {
    const found = imported([counter({ model: 'm' }, [0, undefined, 'NaN', 30])], { spread: 'even' });
    expect(countsOf(found.trace, 'm')).toEqual([10, 10, 10]);
  });
});

describe('rates', () => {
  test('count for the time before their sample, to the nearest request', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 2, maxLength: 20 }),
        (rates) => {
          const { trace } = imported([series({ model: 'm' }, rates)], { values: 'rate' });
          const expected = sum(rates.slice(1)) * STEP_S;
          expect(Math.abs(trace.arrivalUs.length - expected)).toBeLessThanOrEqual(0.5 + 1e-6);
        },
      ),
    );
  });

  test('are not taken for counters where nobody says which they are', () => {
    const [problem] = problemsOf(() => imported([series({ model: 'm' }, [1, 2])]));
    expect(problem).toMatchObject({
      path: 'data.result[0]',
      what: expect.stringContaining('has no __name__'),
    });
  });
});

describe('tenants', () => {
  test('are told by the label that is named, or named by the caller', () => {
    const result = [counter({ team: 'a' }, [0, 3]), counter({ pod: 'x' }, [0, 4])];
    const { trace } = imported(result, { tenantBy: 'team', tenant: 'others' });
    expect([sum(countsOf(trace, 'a')), sum(countsOf(trace, 'others'))]).toEqual([3, 4]);
  });

  test('without the label are a problem that tells the labels that are there', () => {
    const [problem] = problemsOf(() => imported([counter({ pod: 'x' }, [0, 4])]));
    expect(problem?.what).toBe('has no label "model" that could name the tenant (it has "pod")');
  });
});

describe('answers', () => {
  test('are also taken as promtool prints them, and their warnings are told', () => {
    const result = [counter({ model: 'm' }, [0, 3])];
    expect(importPrometheus(JSON.stringify(result)).trace).toEqual(imported(result).trace);
    expect(imported(result, {}, { warnings: ['a store is away'] }).notes).toEqual([
      'Prometheus warned: a store is away',
    ]);
  });

  test('that do not count requests, or count them twice, are refused', () => {
    const other = series({ __name__: 'nv_inference_count', model: 'm' }, [1, 2]);
    const sums = series({ model: 'm' }, [1, 2]);
    expect(problemsOf(() => imported([other]))[0]?.what).toBe('"nv_inference_count" does not count requests');
    expect(problemsOf(() => imported([counter({ model: 'm' }, [0, 1]), sums]))[0]?.what).toContain(
      'beside those of',
    );
  });

  test('have every mistake told by its path', () => {
    const broken = {
      metric: { ...SUCCESS, model: 'm' },
      values: [
        ['soon', '1'],
        [START_S, '-1'],
        [START_S, 'x'],
      ],
    };
    const problems = problemsOf(() => imported([broken, { metric: 3 }]));
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['data.result[0].values[0]', 'data.result[0].values[2]', 'data.result[1]']),
    );
    expect(problems.some(({ what }) => what === '-1 requests cannot have come')).toBe(true);
  });

  test('of which no series has two values, or whose steps are too long, are refused with what to ask for', () => {
    const remedyOf = (result: readonly object[]) => problemsOf(() => imported(result))[0]?.remedy;
    expect(remedyOf([])).toContain('ask for a range of several steps');
    expect(remedyOf([counter({ model: 'm' }, [5])])).toContain('ask for a range of several steps');
    expect(remedyOf([series({ ...SUCCESS, model: 'm' }, [1, 2], 7200)])).toBe(
      'ask for steps of an hour at most',
    );
  });

  test('of more than can be held are refused before anything is drawn', () => {
    const [problem] = problemsOf(() => imported([counter({ model: 'm' }, [0, 1e9])]));
    expect(problem?.what).toContain('more than 50000000 requests');
  });
});
