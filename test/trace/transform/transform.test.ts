import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random, RandomStreams } from '../../../src/base/random.js';
import { buildTrace } from '../../../src/trace/build.js';
import { describeTrace } from '../../../src/trace/describe.js';
import { type Trace, traceLength } from '../../../src/trace/trace.js';
import {
  concatTraces,
  mapSources,
  renameTenants,
  rowsBefore,
  scaleRate,
  scaleTime,
  selectTenant,
  selectTenants,
  sliceTrace,
  splitTenants,
  superposeTraces,
  thinTrace,
} from '../../../src/trace/transform.js';
import { anyBusyTrace, anyTrace, problemsOf } from '../arbitrary-trace.js';

const random = (name = 'test') => new RandomStreams(1).get(name);

/** A Poisson stream: `perS` requests a second over so many seconds. */
function poisson(perS: number, seconds: number): Trace {
  const source = random('poisson');
  const arrivalUs: number[] = [];
  for (let us = 0; ; ) {
    us += (-Math.log(source.nextOpen()) * 1e6) / perS;
    if (us >= seconds * 1e6) break;
    arrivalUs.push(Math.floor(us));
  }
  return buildTrace({ arrivalUs, durationUs: seconds * 1e6 });
}

/** Holds for every trace that a function returns: buildTrace takes it as it is. */
function expectValid(trace: Trace): void {
  expect(buildTrace(trace)).toEqual(trace);
}

/** How many requests each tenant has, by name. */
function countByTenant(trace: Trace): Map<string, number> {
  const counts = new Map<string, number>();
  for (const index of trace.tenant) {
    const name = trace.tenants[index] as string;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

describe('scaling time', () => {
  test('keeps every request and their order, and divides the rate', () => {
    fc.assert(
      fc.property(anyTrace, fc.double({ min: 0.01, max: 100, noNaN: true }), (trace, factor) => {
        const scaled = scaleTime(trace, factor);
        expectValid(scaled);
        expect(scaled.tenant).toEqual(trace.tenant);
        for (const [row, us] of scaled.arrivalUs.entries()) {
          expect(Math.abs(us - (trace.arrivalUs[row] as number) * factor)).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });

  test('keeps the CV of gaps', () => {
    const trace = poisson(50, 100);
    const [before, after] = [trace, scaleTime(trace, 7.3)].map((each) => describeTrace(each).total);
    expect(after?.gaps?.cv).toBeCloseTo(before?.gaps?.cv as number, 4);
    expect(after?.ratePerS).toBeCloseTo((before?.ratePerS as number) / 7.3, 6);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300])('refuses the factor %d', (factor) => {
    expect(problemsOf(() => scaleTime(poisson(1, 10), factor))).toHaveLength(1);
  });
});

describe('slices', () => {
  test('that meet give the whole when put together', () => {
    fc.assert(
      fc.property(anyTrace, fc.double({ min: 0, max: 1, noNaN: true }), (trace, share) => {
        const cutUs = Math.floor(trace.durationUs * share);
        const parts = [sliceTrace(trace, { toUs: cutUs }), sliceTrace(trace, { fromUs: cutUs })];
        for (const part of parts) expectValid(part);
        // A cut at the very end puts a last arrival there into both.
        fc.pre(cutUs < trace.durationUs);
        expect(concatTraces(parts)).toEqual(trace);
      }),
    );
  });

  test('up to the end have a request that comes at the very end, others have none that comes at theirs', () => {
    const trace = buildTrace({ arrivalUs: [0, 5, 10], durationUs: 10 });
    expect([...sliceTrace(trace, { fromUs: 5 }).arrivalUs]).toEqual([0, 5]);
    expect([...sliceTrace(trace, { toUs: 10 }).arrivalUs]).toEqual([0, 5, 10]);
    expect([...sliceTrace(trace, { toUs: 5 }).arrivalUs]).toEqual([0]);
  });

  test('may keep the times of the whole', () => {
    const trace = buildTrace({ arrivalUs: [0, 5, 10, 15], durationUs: 20 });
    expect(sliceTrace(trace, { fromUs: 5, toUs: 15, rebase: false })).toMatchObject({
      arrivalUs: Float64Array.of(5, 10),
      durationUs: 15,
    });
    expect(sliceTrace(trace, { fromUs: 5, toUs: 15 })).toMatchObject({
      arrivalUs: Float64Array.of(0, 5),
      durationUs: 10,
    });
    expect(sliceTrace(trace, { fromUs: 30 }).durationUs).toBe(0);
  });

  test.each([{ fromUs: -1 }, { fromUs: 0.5 }, { fromUs: 3, toUs: 2 }, { toUs: Number.NaN }])(
    'refuses %o',
    (options) => {
      expect(problemsOf(() => sliceTrace(poisson(1, 10), options))).toHaveLength(1);
    },
  );
});

describe('the part of a trace before a time', () => {
  const trace = buildTrace({ arrivalUs: [0, 5, 10], durationUs: 10 });

  test('has no request at that time, not even where the trace ends with it', () => {
    expect(rowsBefore(trace, 10)).toMatchObject({ arrivalUs: Float64Array.of(0, 5), durationUs: 10 });
    expect(rowsBefore(trace, 5)).toMatchObject({ arrivalUs: Float64Array.of(0), durationUs: 5 });
  });

  test('is the trace itself where all of it comes before', () => {
    expect(rowsBefore(trace, 11)).toBe(trace);
  });
});

describe('superposition', () => {
  test('keeps every request of every trace, in order of arrival', () => {
    fc.assert(
      fc.property(fc.array(anyTrace, { minLength: 1, maxLength: 4 }), (traces) => {
        const all = superposeTraces(traces);
        expectValid(all);
        const expected = traces.flatMap((trace) => [...trace.arrivalUs]).sort((a, b) => a - b);
        expect([...all.arrivalUs]).toEqual(expected);
        expect(all.durationUs).toBe(Math.max(...traces.map((trace) => trace.durationUs)));
        for (const name of all.tenants) {
          const counts = traces.map((trace) => countByTenant(trace).get(name) ?? 0);
          expect(countByTenant(all).get(name) ?? 0).toBe(counts.reduce((sum, count) => sum + count, 0));
        }
      }),
    );
  });

  test('arrivals of one microsecond keep the order of the list, rows that said nothing still say nothing', () => {
    const a = buildTrace({ arrivalUs: [5, 5], tenants: ['a'], batchSize: [2, 3] });
    const b = buildTrace({ arrivalUs: [5], tenants: ['b'], priority: [7] });
    const all = superposeTraces([b, a]);
    expect(all.tenants).toEqual(['b', 'a']);
    expect([...all.tenant]).toEqual([0, 1, 1]);
    expect(all.batchSize).toEqual(Uint16Array.of(0, 2, 3));
    expect(all.priority).toEqual(Uint32Array.of(7, 0, 0));
  });

  test('of nothing is an empty trace', () => {
    expectValid(superposeTraces([]));
  });

  test('of more tenants than a trace can hold is refused', () => {
    const many = (prefix: string) =>
      buildTrace({ arrivalUs: [], tenants: Array.from({ length: 40_000 }, (_, index) => prefix + index) });
    expect(problemsOf(() => superposeTraces([many('a'), many('b')]))[0]?.what).toMatch(/80000 tenants/);
  });
});

describe('thinning', () => {
  test('keeps some of the requests as they are', () => {
    fc.assert(
      fc.property(
        anyTrace,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        (trace, probability, seed) => {
          const thin = thinTrace(trace, probability, new Random(seed, 2, 3));
          expectValid(thin);
          const kept = new Set(trace.arrivalUs);
          for (const us of thin.arrivalUs) expect(kept.has(us)).toBe(true);
          expect(thin.durationUs).toBe(trace.durationUs);
        },
      ),
    );
  });

  test('with probability 1 is the trace, with 0 nothing of it', () => {
    const trace = poisson(10, 10);
    expect(thinTrace(trace, 1, random())).toBe(trace);
    expect(traceLength(thinTrace(trace, 0, random()))).toBe(0);
    expect(problemsOf(() => thinTrace(trace, 1.1, random()))).toHaveLength(1);
  });
});

describe('scaling the rate', () => {
  test('keeps or drops sequences as a whole, and lets a part that comes first be one of its own', () => {
    const rows = Array.from({ length: 400 }, (_, i) => i);
    const trace = {
      ...poisson(400, 1),
      arrivalUs: Float64Array.from(rows, (i) => i * 2500),
      tenant: new Uint16Array(400),
      durationUs: 1e6,
      sequenceId: Float64Array.from(rows, (i) => 1 + (i % 4) + 4 * Math.floor(i / 40)),
      sequenceFlags: Uint16Array.from(rows, (i) => (i % 40 < 4 ? 1 : i % 40 >= 36 ? 2 : 0)),
    };
    for (const factor of [0.5, 1.7, 3]) {
      const { sequenceId, sequenceFlags } = scaleRate(trace, factor, random());
      const underWay = new Set<number>();
      const isOpen = Array.from(sequenceId!, (id, row) => {
        if ((sequenceFlags![row]! & 1) !== 0) underWay.add(id);
        const isThere = underWay.has(id);
        if ((sequenceFlags![row]! & 2) !== 0) underWay.delete(id);
        return isThere;
      });
      expect(isOpen.every(Boolean)).toBe(true);
    }
  });

  test.each([0.1, 0.5, 0.99, 1.5, 2.7])('by %d gives that rate', (factor) => {
    const trace = poisson(200, 100);
    const expected = traceLength(trace) * factor;
    const count = traceLength(scaleRate(trace, factor, random()));
    // The thinned part is binomial: five standard deviations.
    const share = factor % 1;
    const deviation = Math.sqrt(traceLength(trace) * share * (1 - share));
    expect(Math.abs(count - expected)).toBeLessThan(5 * deviation);
  });

  test.each([1, 2, 5])('by %d gives exactly that many requests, and a valid trace', (factor) => {
    fc.assert(
      fc.property(anyBusyTrace, (any) => {
        const { sequenceId, ...rest } = any;
        const trace =
          sequenceId === undefined ? rest : { ...rest, sequenceId: sequenceId.map((id) => id % 1e9) };
        const scaled = scaleRate(trace, factor, random());
        expectValid(scaled);
        expect(traceLength(scaled)).toBe(factor * traceLength(trace));
        expect(scaled.durationUs).toBe(trace.durationUs);
      }),
    );
  });

  test('of a Poisson stream gives a Poisson stream', () => {
    const cv = describeTrace(scaleRate(poisson(100, 200), 3, random())).total.gaps?.cv;
    expect(Math.abs((cv ?? 0) - 1)).toBeLessThan(0.02);
  });

  test.each([2, 2.5, 4])('by %d brings no two copies of a burst together, whatever is drawn', (factor) => {
    const burst = buildTrace({ arrivalUs: [100e6], durationUs: 600e6 });
    for (let seed = 0; seed < 200; seed++) {
      const { arrivalUs } = scaleRate(burst, factor, new RandomStreams(seed).get('scale'));
      const gaps = [...arrivalUs].slice(1).map((us, i) => us - arrivalUs[i]!);
      expect(Math.min(60e6, ...gaps)).toBeGreaterThanOrEqual(10e6 - 1);
    }
  });

  test('keeps the shape over times longer than the shift', () => {
    // An hour with all requests in its third quarter.
    const quarter = poisson(2, 900);
    const trace = { ...quarter, arrivalUs: quarter.arrivalUs.map((us) => us + 1800e6), durationUs: 3600e6 };
    const scaled = scaleRate(trace, 4, random());
    const inside = scaled.arrivalUs.filter((us) => us >= 1800e6 && us < 2760e6);
    expect(inside.length).toBe(4 * traceLength(trace));
  });

  test('gives copies sequences of their own', () => {
    const trace = buildTrace({ arrivalUs: [0, 1, 2], sequenceId: [0, 7, 7], durationUs: 100 });
    const ids = [...(scaleRate(trace, 3, random()).sequenceId ?? [])].sort((a, b) => a - b);
    expect(ids).toEqual([0, 0, 0, 7, 7, 14, 14, 21, 21]);
    const large = buildTrace({ arrivalUs: [0], sequenceId: [Number.MAX_SAFE_INTEGER] });
    expect(problemsOf(() => scaleRate(large, 2, random()))[0]?.what).toMatch(/leaves none for copies/);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the factor %d', (factor) => {
    expect(problemsOf(() => scaleRate(poisson(1, 10), factor, random()))).toHaveLength(1);
  });
});

describe('tenants', () => {
  test('the traces of all tenants, superposed, hold the requests of the whole', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const parts = trace.tenants.map((name) => selectTenant(trace, name));
        expect(splitTenants(trace)).toEqual(parts);
        for (const part of parts) {
          expectValid(part);
          expect(part.tenants).toHaveLength(1);
          expect(part.durationUs).toBe(trace.durationUs);
        }
        const all = superposeTraces(parts);
        expect(all.arrivalUs).toEqual(trace.arrivalUs);
        expect(countByTenant(all)).toEqual(countByTenant(trace));
      }),
    );
  });

  test('may be selected in another order', () => {
    const trace = buildTrace({ arrivalUs: [0, 1, 2], tenants: ['a', 'b', 'c'], tenant: [0, 1, 2] });
    const part = selectTenants(trace, ['c', 'a']);
    expect(part.tenants).toEqual(['c', 'a']);
    expect([...part.tenant]).toEqual([1, 0]);
    expect(problemsOf(() => selectTenant(trace, 'd'))[0]?.remedy).toBe('it has "a", "b", "c"');
  });

  test('may be renamed, and joined by one name', () => {
    const trace = buildTrace({ arrivalUs: [0, 1, 2], tenants: ['a', 'b', '__proto__'], tenant: [0, 1, 2] });
    expect(renameTenants(trace, { b: 'a' })).toMatchObject({
      tenants: ['a', '__proto__'],
      tenant: Uint16Array.of(0, 0, 1),
    });
    expect(renameTenants(trace, { a: 'b', b: 'a' }).tenants).toEqual(['b', 'a', '__proto__']);
    expect(problemsOf(() => renameTenants(trace, { x: 'y' }))).toHaveLength(1);
  });
});

describe('mapping sources onto tenants', () => {
  const sources = (count: number) =>
    buildTrace({
      arrivalUs: Array.from({ length: count }, (_, row) => row),
      tenants: Array.from({ length: count }, (_, row) => `source ${row}`),
      tenant: Array.from({ length: count }, (_, row) => row),
    });

  test('deals them out in turn, or in blocks', () => {
    expect([...mapSources(sources(5), ['a', 'b']).tenant]).toEqual([0, 1, 0, 1, 0]);
    expect([...mapSources(sources(5), ['a', 'b'], { by: 'block' }).tenant]).toEqual([0, 0, 0, 1, 1]);
  });

  test('loses no request, and no tenant gets over one source more than another', () => {
    const by = fc.constantFrom('stripe' as const, 'block' as const);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 12 }),
        by,
        (count, tenants, kind) => {
          const names = Array.from({ length: tenants }, (_, index) => `t${index}`);
          const mapped = mapSources(sources(count), names, { by: kind });
          expectValid(mapped);
          const counts = names.map((name) => countByTenant(mapped).get(name) ?? 0);
          expect(counts.reduce((sum, each) => sum + each, 0)).toBe(count);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('needs a tenant', () => {
    expect(problemsOf(() => mapSources(sources(2), []))).toHaveLength(1);
  });
});

test('no transformation changes the trace that it is given', () => {
  fc.assert(
    fc.property(anyBusyTrace, (any) => {
      const { sequenceId: _, ...trace } = any;
      const before = structuredClone(trace);
      scaleTime(trace, 2);
      sliceTrace(trace, { fromUs: 1 <= trace.durationUs ? 1 : 0 });
      superposeTraces([trace, trace]);
      concatTraces([trace, trace]);
      scaleRate(trace, 2.5, random());
      mapSources(trace, ['x']);
      selectTenant(trace, trace.tenants[0] as string);
      expect(trace).toEqual(before);
    }),
  );
});
