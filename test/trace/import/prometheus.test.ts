import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportOptions, SourceFile } from '../../../src/trace/import/options.js';
import { importPrometheus } from '../../../src/trace/import/prometheus/prometheus.js';
import type { Trace } from '../../../src/trace/trace.js';
import { problemsOf } from '../arbitrary-trace.js';

const START_S = 1_700_000_000;
const STEP_S = 15;
const SUCCESS = { __name__: 'nv_inference_request_success' };

type Value = number | string | undefined;

/** A series with a value every step; undefined leaves a sample out. */
function series(metric: object, values: readonly Value[], { startS = START_S, stepS = STEP_S } = {}) {
  const samples = values.map((value, i) => [startS + i * stepS, String(value)]);
  return { metric, values: samples.filter((_, i) => values[i] !== undefined) };
}

const counter = (labels: object, values: readonly Value[], grid = {}) =>
  series({ ...SUCCESS, ...labels }, values, grid);

const file = (result: readonly unknown[], name = 'a.json', rest: object = {}): SourceFile => ({
  file: name,
  text: JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...rest }),
});

const imported = (result: readonly object[], options: ImportOptions = {}) =>
  importPrometheus([file(result)], options);

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

  test('of one tenant that differ in another label of users are added, and it is told which', () => {
    const of = (namespace: string, pod: string) => counter({ model: 'm', namespace, pod }, counted([4, 3]));
    const note = 'series that differ in namespace are added; --tenant-by makes tenants of another label';
    expect(imported([of('shop', '1'), of('bank', '1')]).notes).toContain(note);
    const pods = [of('shop', '1'), of('shop', '2')];
    expect(imported(pods).notes).toHaveLength(1);
    const byNamespace = imported([of('shop', '1'), of('bank', '1')], { tenantBy: 'namespace' });
    expect(byNamespace.notes).toHaveLength(1);
  });

  test('that go back began again at 0: what they hold then came since, and is told', () => {
    const { trace, notes } = imported([counter({ model: 'm' }, [100, 110, 4, 9])]);
    expect(countsOf(trace, 'm')).toEqual([10, 4, 5]);
    expect(notes.join('\n')).toContain('began again at 0: 1;');
  });

  test('tell over missing samples how many came, not when', () => {
    const { trace, notes } = imported([counter({ model: 'm' }, [0, 10, undefined, 'NaN', '+Inf', 50])]);
    expect(countsOf(trace, 'm')).toEqual([10, 10, 10, 10, 10]);
    expect(notes.join('\n')).toMatch(/1 gap in 1 of 1 series, 60 % of their time: .*not when/);
    expect(notes.join('\n')).toContain('taken as missing samples: 2');
  });

  test('that appear later count from then on; what they held is told and left out', () => {
    const { trace, notes } = imported([
      counter({ model: 'm', pod: 'a' }, [5, 6, 7, 8, 9]),
      counter({ model: 'm', pod: 'b' }, [undefined, undefined, 70, 72, 75]),
    ]);
    expect(countsOf(trace, 'm')).toEqual([1, 1, 3, 4]);
    expect(notes.join('\n')).toMatch(/appear later than the first: 1; .* the 70 requests came/);
  });

  test('of failed requests count as well: those arrived', () => {
    const failed = { __name__: 'nv_inference_request_failure', model: 'm', reason: 'REJECTED' };
    const { trace } = imported([counter({ model: 'm' }, [0, 7]), series(failed, [0, 3])]);
    expect(countsOf(trace, 'm')).toEqual([10]);
  });

  test('of inferences beside those of requests tell the mean batch, alone each is a request', () => {
    const inferences = series({ __name__: 'nv_inference_count', model: 'm' }, [0, 50, 100]);
    const both = imported([counter({ model: 'm' }, [0, 10, 40]), inferences]);
    expect(countsOf(both.trace, 'm')).toEqual([10, 30]);
    expect([...both.trace.batchSize!].sort()).toEqual([
      ...Array.from({ length: 20 }, () => 2),
      ...Array.from({ length: 20 }, () => 3),
    ]);
    expect(both.notes.join('\n')).toContain('only the mean is known: m 2.5');
    const alone = imported([inferences]);
    expect(countsOf(alone.trace, 'm')).toEqual([50, 50]);
    expect(alone.notes.join('\n')).toContain('each of which is taken as a request: m');
    // One inference that is counted a moment before its request says nothing of batches.
    const single = imported([
      counter({ model: 'm' }, [0, 1000]),
      series({ __name__: 'nv_inference_count', model: 'm' }, [0, 1001]),
    ]);
    expect(single.trace.batchSize).toBeUndefined();
  });

  test('that move only every third step are told: the query may be finer than the scrapes', () => {
    const sixty = Array.from({ length: 60 }, (_, i) => (i % 3 === 2 ? 20 : 0));
    const { notes } = imported([counter({ model: 'm' }, counted(sixty))]);
    expect(notes.join('\n')).toContain('never moved in two steps on end: 1');
    const steady = sixty.map(() => 7);
    expect(imported([counter({ model: 'm' }, counted(steady))]).notes).toHaveLength(1);
  });

  test('whose sum goes back tell nothing', () => {
    const found = problemsOf(() => imported([series({ model: 'm' }, [100, 40, 50])], { values: 'counter' }));
    expect(found).toMatchObject([
      {
        file: 'a.json',
        path: 'data.result[0]',
        what: expect.stringMatching(/goes back from 100 to 40 at 1700000015/),
        remedy: expect.stringContaining('sum(rate('),
      },
    ]);
  });
});

describe('rates and increases', () => {
  test('have at no time more than half a request more or less than they say', () => {
    const rates = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(rates, spread, (values, how) => {
        const { trace } = imported([series({ model: 'm' }, values)], { values: 'rate', spread: how });
        let [soFar, expected] = [0, 0];
        for (const [i, count] of countsOf(trace, 'm').entries()) {
          soFar += count;
          expected += values[i]! * STEP_S;
          expect(Math.abs(soFar - expected)).toBeLessThanOrEqual(0.5 + 1e-6);
        }
      }),
    );
  });

  test('count for the step that ends at their time', () => {
    const { trace, notes } = imported([series({ model: 'm' }, [2, 0, 1])], { values: 'rate' });
    expect(countsOf(trace, 'm')).toEqual([30, 0, 15]);
    expect(notes).toEqual([
      '1 series taken as requests per second, added by model to 1 tenant, per 15 s',
      expect.stringContaining('bursts shorter than that are gone'),
    ]);
  });

  test('of increases over longer than a step count by their part of it', () => {
    const { trace } = imported([series({ model: 'm' }, [40, 80])], { values: 'increase', windowUs: 60e6 });
    expect(countsOf(trace, 'm')).toEqual([10, 20]);
  });

  test('say nothing of the time of missing samples', () => {
    const { trace, notes } = imported([series({ model: 'm' }, [1, 1, 'NaN', undefined, 1])], {
      values: 'rate',
    });
    expect(countsOf(trace, 'm')).toEqual([15, 15, 0, 0, 15]);
    expect(notes.join('\n')).toMatch(/1 gap in 1 of 1 series, 40 % of their time: taken as time without/);
  });

  test('of tenants who are not there all the time leave them silent, which is told', () => {
    const { trace, notes } = imported(
      [series({ model: 'a' }, [1, 1, 1, 1, 1, 1]), series({ model: 'b' }, [1, 1])],
      { values: 'rate' },
    );
    expect(countsOf(trace, 'b')).toEqual([15, 15, 0, 0, 0, 0]);
    expect(notes.join('\n')).toContain('else taken as silent: b (0 to 30 s)');
  });
});

describe('several files', () => {
  const values = fc.array(fc.nat(20), { minLength: 6, maxLength: 20 });

  test('are as one, in whatever order they come and however far they overlap', () => {
    fc.assert(
      fc.property(values, fc.nat(100), fc.nat(5), fc.boolean(), (moves, at, overlap, turned) => {
        const all = counted(moves);
        const cut = 1 + (at % (all.length - 1));
        const until = Math.min(all.length, cut + overlap);
        const part = (from: number, to: number, name: string) =>
          file([counter({ model: 'm' }, all.slice(from, to), { startS: START_S + from * STEP_S })], name);
        const parts = [part(0, until, 'a.json'), part(cut, all.length, 'b.json')];
        const { trace } = importPrometheus(turned ? parts.reverse() : parts, {});
        const whole = imported([counter({ model: 'm' }, all)]).trace;
        expect({ ...trace, source: '' }).toEqual({ ...whole, source: '' });
      }),
    );
  });

  test('of different steps keep what each tells', () => {
    const fine = file([counter({ model: 'm' }, [0, 4, 8, 12, 16])], 'fine.json');
    const coarse = counter({ model: 'm' }, [16, 36, 76], { startS: START_S + 60, stepS: 60 });
    const { trace } = importPrometheus([fine, file([coarse], 'coarse.json')]);
    expect(countsOf(trace, 'm', 60e6)).toEqual([16, 20, 40]);
    const { trace: rates } = importPrometheus(
      [
        file([series({ model: 'm' }, [1, 1, 1, 1])], 'fine.json'),
        file([series({ model: 'm' }, [2, 3], { startS: START_S + 105, stepS: 60 })], 'coarse.json'),
      ],
      { values: 'rate', binUs: 60e6 },
    );
    expect(countsOf(rates, 'm', 60e6)).toEqual([60, 120, 180]);
  });

  test('that differ at the time where they meet: the one named last counts', () => {
    const first = file([counter({ model: 'm' }, [0, 5, 7])], 'first.json');
    const second = file([counter({ model: 'm' }, [10, 15], { startS: START_S + 30 })], 'second.json');
    const { trace, notes } = importPrometheus([first, second]);
    expect(countsOf(trace, 'm')).toEqual([5, 5, 5]);
    expect(notes.join('\n')).toContain('which the one named last counts: 1');
  });

  test('that differ nearly everywhere are of two servers', () => {
    const first = file([counter({ model: 'm' }, [0, 5, 10])], 'first.json');
    const second = file([counter({ model: 'm' }, [3, 9, 27])], 'second.json');
    expect(problemsOf(() => importPrometheus([first, second]))).toMatchObject([
      { file: 'first.json', path: 'data.result[0]', remedy: expect.stringContaining('a label that tells') },
    ]);
  });

  test('without series are told, and so is what Prometheus itself warned of', () => {
    const warnings = {
      isPartial: true,
      warnings: ['store gateway: timeout', 'PromQL info: metric might not be a counter'],
    };
    const { notes } = importPrometheus([
      file([], 'empty.json'),
      file([counter({ model: 'm' }, [0, 1])], 'b.json', warnings),
    ]);
    expect(notes.slice(1)).toEqual([
      'Prometheus warned: the answer is partial',
      'Prometheus warned: store gateway: timeout',
      'without any series: empty.json',
    ]);
  });
});

describe('samples as they were scraped', () => {
  const scrapes = (labels: object, startS: number, increments: readonly number[]) => {
    const values = counted(increments, 0).map((value, i) => [startS + i * 15 + (i % 3) * 0.004, `${value}`]);
    return { metric: { ...SUCCESS, ...labels }, values };
  };

  test('lie beside each other: each counts by time, and nothing is lost', () => {
    const flat = Array.from({ length: 40 }, () => 30);
    const { trace, notes } = imported([
      scrapes({ model: 'm', pod: 'a' }, START_S + 0.5, flat),
      scrapes({ model: 'm', pod: 'b' }, START_S + 7.2, flat),
    ]);
    expect(trace.arrivalUs.length).toBe(2400);
    const inner = countsOf(trace, 'm').slice(1, -2);
    expect(Math.min(...inner)).toBeGreaterThanOrEqual(59);
    expect(Math.max(...inner)).toBeLessThanOrEqual(61);
    expect(notes.join('\n')).toContain('samples lie beside the intervals of 15 s');
    expect(notes.join('\n')).not.toContain('gap');
  });

  test('at any times lose and invent nothing', () => {
    const gapMs = fc.integer({ min: 1, max: 90_000 });
    const pod = fc.array(fc.tuple(gapMs, fc.nat(20)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(pod, { minLength: 1, maxLength: 3 }), fc.nat(60_000), (pods, lateMs) => {
        const result = pods.map((steps, i) => {
          const startMs = START_S * 1000 + i * lateMs;
          const times = counted(
            steps.map(([gap]) => gap),
            startMs,
          );
          const values = counted(steps.map(([, more]) => more));
          return {
            metric: { ...SUCCESS, model: 'm', pod: `${i}` },
            values: times.map((ms, at) => [ms / 1000, `${values[at]}`]),
          };
        });
        const { trace } = imported(result, { binUs: 1e6 });
        expect(trace.arrivalUs.length).toBe(sum(pods.flat().map(([, more]) => more)));
        expect(trace.arrivalUs.every((us, i) => us >= 0 && us >= (trace.arrivalUs[i - 1] ?? 0))).toBe(true);
      }),
    );
  });

  test('are added over any interval that is asked for, the last perhaps shorter', () => {
    const { trace } = imported([counter({ model: 'm' }, [0, 10, 30, 60])], { binUs: 30e6, spread: 'even' });
    expect(countsOf(trace, 'm', 30e6)).toEqual([30, 30]);
    expect(trace.durationUs).toBe(45e6);
    expect(trace.arrivalUs.at(-1)).toBeLessThan(45e6);
  });

  test('two by two, close together, make no gaps of the usual distance', () => {
    const values = [0, 15, 30, 30.001, 45, 60].map((s, i) => [START_S + s, String(i)]);
    const { notes } = imported([{ metric: { ...SUCCESS, model: 'm' }, values }]);
    expect(notes.join('\n')).not.toContain('gap');
  });
});

describe('what the values are', () => {
  test.each([
    ['a series without a name', [series({ model: 'm' }, [1, 2])], {}, /^has no __name__/, /--values rate/],
    [
      'a gauge',
      [series({ __name__: 'queue_length', model: 'm' }, [1, 2])],
      {},
      /"queue_length" is not that of a counter/,
      /--values counter/,
    ],
    [
      'a recorded rate',
      [series({ __name__: 'model:requests:rate5m', model: 'm' }, [1, 2])],
      {},
      /is not that of a counter/,
      /--values rate/,
    ],
    [
      'another counter of Triton',
      [series({ __name__: 'nv_inference_exec_count', model: 'm' }, [1, 2])],
      { values: 'counter' },
      /does not count requests/,
      /nv_inference_request_success/,
    ],
    [
      'a counter called a rate',
      [counter({ model: 'm' }, [1, 2])],
      { values: 'rate' },
      /is a counter and no rate/,
      /leave out --values/,
    ],
    [
      'two metrics',
      [counter({ model: 'm' }, [1, 2]), series({ __name__: 'http_requests_total', model: 'm' }, [1, 2])],
      {},
      /beside those of/,
      /of one metric/,
    ],
    [
      'increases over nobody knows what',
      [series({ model: 'm' }, [1, 2])],
      { values: 'increase' },
      /over which time/,
      /--window 1m/,
    ],
    [
      'a window of a rate',
      [series({ model: 'm' }, [1, 2])],
      { values: 'rate', windowUs: 60e6 },
      /of no use/,
      /leave out --window/,
    ],
  ] as const)('is refused of %s', (_, result, options, what, remedy) => {
    const found = problemsOf(() => imported(result, options));
    expect(found).toMatchObject([
      { file: 'a.json', what: expect.stringMatching(what), remedy: expect.stringMatching(remedy) },
    ]);
  });

  test('is certain of Triton and of names that end in _total', () => {
    for (const __name__ of ['nv_inference_request_success_total', 'vllm:request_success_total']) {
      expect(countsOf(imported([series({ __name__, model: 'm' }, [0, 3])]).trace, 'm')).toEqual([3]);
    }
    const recorded = series({ __name__: 'model:requests:rate5m', model: 'm' }, [1, 1]);
    expect(countsOf(imported([recorded], { values: 'rate' }).trace, 'm')).toEqual([15, 15]);
  });
});

describe('a real Triton that was started anew', () => {
  const fixture = 'test/fixtures/traffic/query-range.json';

  test('tells what was sent to it', () => {
    const { trace, notes } = importPrometheus([{ file: fixture, text: readFileSync(fixture, 'utf8') }]);
    // What the load generator logged, and the requests with which it began: test/fixtures/traffic/README.md.
    expect(sum(countsOf(trace, 'sleep_small'))).toBe(4445 + 22 + 5246 + 22);
    expect(sum(countsOf(trace, 'sleep_queue_limit'))).toBe(3759 + 20 + 1875 + 20);
    const sizes = [...trace.batchSize!].filter(
      (_, row) => trace.tenants[trace.tenant[row]!] === 'sleep_small',
    );
    expect(Math.abs(sum(sizes) - (24_214 + 28 + 28))).toBeLessThan(1);
    expect(notes.join('\n')).toContain('began again at 0: 4;');
  });
});

describe('tenants', () => {
  const two = [
    counter({ model: 'a', namespace: 'x' }, [0, 2]),
    counter({ model: 'b', namespace: 'x' }, [0, 3]),
  ];

  test('are told by the label that is named', () => {
    expect(imported(two).trace.tenants).toEqual(['a', 'b']);
    expect(countsOf(imported(two, { tenantBy: 'namespace' }).trace, 'x')).toEqual([5]);
  });

  test('without the label are named by the caller, or the labels that are there are told', () => {
    const total = [series({}, [1, 1])];
    expect(imported(total, { values: 'rate', tenant: 'all' }).trace.tenants).toEqual(['all']);
    expect(problemsOf(() => imported(total, { values: 'rate' }))[0]).toMatchObject({
      path: 'data.result[0]',
      what: expect.stringContaining('(it has none)'),
      remedy: expect.stringContaining('--tenant'),
    });
    expect(problemsOf(() => imported(two, { tenantBy: 'team' }))[1]?.what).toContain(
      'it has "model, namespace"',
    );
  });
});

describe('answers', () => {
  test('are also taken as promtool prints them', () => {
    const text = JSON.stringify([counter({ model: 'm' }, [0, 4])]);
    expect(countsOf(importPrometheus([{ text }]).trace, 'm')).toEqual([4]);
  });

  const data = (resultType: string, result: unknown) =>
    JSON.stringify({ status: 'success', data: { resultType, result } });
  const vector = [{ metric: { model: 'm' }, value: [START_S, '1'] }];
  test.each([
    ['a vector', data('vector', vector), /"vector", the values of one moment/, /query_range/],
    ['a scalar', data('scalar', [START_S, '1']), /"scalar", the values of one moment/, /query_range/],
    ['log lines', data('streams', []), /is "streams"/, /query_range/],
    [
      'an error',
      '{"status":"error","errorType":"bad_data","error":"parse error"}',
      /an error \(bad_data: parse error\)/,
      /mend the query/,
    ],
    ['something else', '{"experiments":[]}', /no answer of Prometheus/, /query_range/],
    ['no list', data('matrix', {}), /no list of series/, /query_range/],
    [
      'a page of /metrics',
      '# HELP nv_x y\n# TYPE nv_x counter\nnv_x 1\n',
      /page of \/metrics/,
      /query_range/,
    ],
    ['text of promtool', '{model="m"} =>\n1 @[1700000000]\n2 @[1700000015]\n', /promtool/, /-o json/],
    ['text', 'x', /not JSON/, /copied whole/],
    ['nothing found', data('matrix', []), /no series with values/, /check the query/],
    ['only NaN', data('matrix', [series({ model: 'm' }, ['NaN', 'NaN'])]), /no series with values/, /check/],
    ['one moment', data('matrix', [counter({ model: 'm' }, [1])]), /one value only/, /several steps/],
    ['a moment of promtool', JSON.stringify(vector), /has one value/, /query_range/],
    [
      'native histograms',
      data('matrix', [{ metric: {}, histograms: [] }]),
      /native histogram/,
      /histogram_count/,
    ],
  ])('are refused as %s', (_, text, what, remedy) => {
    const found = problemsOf(() => importPrometheus([{ file: 'a.json', text }]));
    expect(found).toMatchObject([
      { file: 'a.json', what: expect.stringMatching(what), remedy: expect.stringMatching(remedy) },
    ]);
  });

  test('have every mistake told by its path, of all files at once', () => {
    const wrong = [
      { metric: { ...SUCCESS, model: 'm' }, values: [[START_S, '1'], [START_S + 15, 'abc'], 7] },
      { metric: { model: 3 }, values: [] },
      {
        metric: { model: 'm' },
        values: [
          [START_S * 1000, '1'],
          [START_S, '-4'],
          [START_S, '1e300'],
        ],
      },
      3,
    ];
    const found = problemsOf(() => importPrometheus([file(wrong), { file: 'b.json', text: '{' }]));
    expect(found.map((problem) => `${problem.file} ${problem.path}`)).toEqual([
      'a.json data.result[0].values[1]',
      'a.json data.result[0].values[2]',
      'a.json data.result[1].metric.model',
      'a.json data.result[2].values[0]',
      'a.json data.result[2].values[1]',
      'a.json data.result[2].values[2]',
      'a.json data.result[3]',
      'b.json undefined',
    ]);
  });

  test('of more than can be held are refused before anything is drawn', () => {
    const years = { metric: { ...SUCCESS, model: 'm' }, values: [1, 2, 1e9].map((s) => [s, '0']) };
    expect(problemsOf(() => imported([years]))[0]).toMatchObject({
      file: 'a.json',
      what: expect.stringContaining('11574.1 days apart'),
      remedy: expect.stringContaining('--bin'),
    });
    const many = [counter({ model: 'm' }, [0, 1e12])];
    expect(problemsOf(() => imported(many))[0]?.what).toMatch(/more than 50000000 requests/);
    expect(problemsOf(() => imported(many, { fromUs: 1e6 }))[0]?.what).toMatch(
      /cannot take intervals of 15 s/,
    );
  });

  test('name in the source what they hold and since when', () => {
    expect(imported([counter({ model: 'm' }, [0, 1])]).trace.source).toBe(
      'Prometheus nv_inference_request_success per 15 s since 1700000000 (a.json)',
    );
  });
});
