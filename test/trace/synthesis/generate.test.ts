import fc from 'fast-check';
import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { RandomStreams } from '../../../src/base/random.js';
import { arrivalStream } from '../../../src/trace/synthesis/arrival-stream.js';
import { batchSizeSampler } from '../../../src/trace/synthesis/batch-sizes.js';
import { type GenerateOptions, generateTrace, tenantRandoms } from '../../../src/trace/synthesis/generate.js';
import { meanRatePerS } from '../../../src/trace/synthesis/mean-rate.js';
import type { ArrivalProcess } from '../../../src/trace/synthesis/process.js';
import { cases } from '../../support/cases.js';
import { arrivalsOf, EXAMPLES, exampleName } from './helpers.js';

const POISSON: ArrivalProcess = { kind: 'poisson', ratePerS: 100 };

function traceOf(options: Partial<GenerateOptions> = {}, seed = 1) {
  const tenant = options.tenant ?? 'a';
  return generateTrace({
    tenant,
    process: POISSON,
    durationS: 10,
    ...tenantRandoms(new RandomStreams(seed), tenant),
    ...options,
  });
}

/** Reads a stream in blocks of these sizes, over and over. */
function readInBlocks(process: ArrivalProcess, durationS: number, blocks: readonly number[]): number[] {
  const { random } = tenantRandoms(new RandomStreams(1), 'a');
  const stream = arrivalStream({ process, durationS, random });
  const all: number[] = [];
  for (let i = 0; ; i++) {
    const block = new Float64Array(blocks[i % blocks.length]!);
    const count = stream.fill(block);
    all.push(...block.subarray(0, count));
    if (count < block.length) return all;
  }
}

describe.each(EXAMPLES.map((process) => [exampleName(process), process] as const))('%s', (_, process) => {
  const arrivals = arrivalsOf(process, 100);

  it('gives whole microseconds in order, from 0 to before the end', () => {
    expect(arrivals.length).toBeGreaterThan(0);
    expect(arrivals.every(Number.isInteger)).toBe(true);
    expect(arrivals.every((us, i) => i === 0 || us >= arrivals[i - 1]!)).toBe(true);
    expect(arrivals[0]).toBeGreaterThanOrEqual(0);
    expect(arrivals.at(-1)).toBeLessThan(100e6);
  });

  it('offers its mean rate, over 200 seeds (within 4 standard errors)', () => {
    const counts = Array.from({ length: 200 }, (_, seed) => arrivalsOf(process, 10, seed).length);
    const expected = meanRatePerS(process, 10) * 10;
    const deviation = Math.sqrt(mean(counts.map((count) => (count - expected) ** 2)));
    expect(Math.abs(mean(counts) - expected)).toBeLessThanOrEqual(
      (4 * Math.max(deviation, 0.5)) / Math.sqrt(200),
    );
  });

  it('gives the same arrivals for the same seed, and others for another', () => {
    expect(arrivalsOf(process, 100)).toEqual(arrivals);
    const drawsNothing = process.kind === 'constant' && process.phase !== undefined;
    if (!drawsNothing) expect(arrivalsOf(process, 100, 2)).not.toEqual(arrivals);
  });

  it('gives the same arrivals in blocks of any size', () => {
    expect(readInBlocks(process, 100, [1000])).toEqual(Array.from(arrivals));
    expect(readInBlocks(process, 100, [1, 7, 64])).toEqual(Array.from(arrivals));
  });

  it('gives the beginning of a longer trace, unless its rate depends on the length', () => {
    if (process.kind === 'ramp') return expect(arrivalsOf(process, 50)).not.toEqual(arrivals.subarray(0, 10));
    const half = arrivalsOf(process, 50);
    expect(half).toEqual(arrivals.filter((us) => us < 50e6));
  });
});

describe('generateTrace', () => {
  it('says whose requests they are, how long it is and where it comes from', () => {
    const trace = traceOf({ process: { kind: 'gamma', ratePerS: 100, cv: 2 } });
    expect(trace.tenants).toEqual(['a']);
    expect(trace.durationUs).toBe(10e6);
    expect(trace.source).toBe('generated: gamma ratePerS=100 cv=2');
    expect(trace.tenant).toEqual(new Uint16Array(trace.arrivalUs.length));
    expect(Object.keys(trace).sort()).toEqual(['arrivalUs', 'durationUs', 'source', 'tenant', 'tenants']);
  });

  it('never moves a tenant for another: arrivals depend on the seed and its own name only', () => {
    const streams = new RandomStreams(1);
    const alone = traceOf({ tenant: 'a' });
    const others = ['b', 'c'].map((tenant) => traceOf({ tenant, ...tenantRandoms(streams, tenant) }));
    const beside = traceOf({ tenant: 'a', ...tenantRandoms(streams, 'a') });
    expect(beside).toEqual(alone);
    expect(others[0]!.arrivalUs).not.toEqual(others[1]!.arrivalUs);
  });

  it('does not move arrivals when batch sizes are added', () => {
    const batchSize = [
      { batchSize: 1, weight: 1 },
      { batchSize: 8, weight: 1 },
    ];
    expect(traceOf({ batchSize }).arrivalUs).toEqual(traceOf().arrivalUs);
  });

  it('stops after maxRequests, at the time when the next would have come', () => {
    const all = traceOf();
    const cut = traceOf({ maxRequests: 100 });
    expect(cut.arrivalUs).toEqual(all.arrivalUs.slice(0, 100));
    expect(cut.durationUs).toBe(all.arrivalUs[100]);
    expect(traceOf({ maxRequests: 1e6 })).toEqual(all);
    expect(traceOf({ maxRequests: 0 }).arrivalUs).toHaveLength(0);
  });

  it('ends with its last request where neither duration nor maxRequests ends it', () => {
    const process: ArrivalProcess = { kind: 'counts', counts: [50], binS: 10 };
    const trace = traceOf({ process, durationS: Infinity, maxRequests: 1000 });
    expect(trace.durationUs).toBe(trace.arrivalUs.at(-1));
  });

  it('offers its rate also where maxRequests ends it: 20 requests / duration is unbiased', () => {
    const rates = Array.from({ length: 4000 }, (_, seed) => {
      const { durationUs } = traceOf({ durationS: Infinity, maxRequests: 20 }, seed);
      return 20e6 / durationUs;
    });
    const deviation = 100 / Math.sqrt(19);
    expect(Math.abs(mean(rates) - 100)).toBeLessThan((4 * deviation) / Math.sqrt(4000));
  });

  it('holds room for more requests than expected: bursts far beyond the mean', () => {
    const process: ArrivalProcess = { kind: 'onOff', onRatePerS: 1e5, meanOnS: 2, meanOffS: 2000 };
    const longest = Array.from({ length: 300 }, (_, seed) => arrivalsOf(process, 1, seed).length);
    expect(Math.max(...longest)).toBeGreaterThan(50_000);
  });

  it('fills in batch sizes and payloads', () => {
    const trace = traceOf({ batchSize: 4, payloadBytesPerInference: 600 });
    expect(trace.batchSize!.every((size) => size === 4)).toBe(true);
    expect(trace.payloadBytes!.every((bytes) => bytes === 2400)).toBe(true);
    expect(traceOf({ payloadBytesPerInference: 600 }).payloadBytes![0]).toBe(600);
  });

  it.each([
    [{ durationS: 0 }, 'durationS: must be more than 0'],
    [{ durationS: NaN }, 'durationS: must be more than 0'],
    [{ maxRequests: -1 }, 'maxRequests: must be a whole number'],
    [{ maxRequests: 1.5 }, 'maxRequests: must be a whole number'],
    [{ durationS: Infinity }, 'too many for a trace in memory'],
    [{ process: { kind: 'poisson', ratePerS: 1e9 }, durationS: 1e5 }, 'about 1.00e+14 requests are too many'],
    [
      { process: { kind: 'poisson', ratePerS: -1 } },
      'process.ratePerS: -1 is out of range; write more than 0',
    ],
    [
      { process: { kind: 'ramp', fromRatePerS: 0, toRatePerS: 1 }, durationS: Infinity, maxRequests: 5 },
      'finite',
    ],
    [{ batchSize: 0 }, 'batchSize: 0 is out of range'],
    [{ batchSize: [] }, 'batchSize: the list has 0 entries'],
    [{ batchSize: 8, payloadBytesPerInference: 1e9 }, 'payloadBytesPerInference'],
    [{ payloadBytesPerInference: -1 }, 'payloadBytesPerInference'],
  ] as [Partial<GenerateOptions>, string][])('refuses %o', (options, message) => {
    expect(() => traceOf(options)).toThrow(InputError);
    expect(() => traceOf(options)).toThrow(message);
  });

  it('needs a source of its own for batch sizes that vary', () => {
    const { random } = tenantRandoms(new RandomStreams(1), 'a');
    const batchSize = [{ batchSize: 1, weight: 1 }];
    expect(() => generateTrace({ tenant: 'a', process: POISSON, durationS: 1, random, batchSize })).toThrow(
      RangeError,
    );
  });
});

describe('arrivalStream', () => {
  it('ends after maxRequests and stays ended', () => {
    const { random } = tenantRandoms(new RandomStreams(1), 'a');
    const stream = arrivalStream({ process: POISSON, durationS: Infinity, random, maxRequests: 10 });
    expect([
      stream.fill(new Float64Array(8)),
      stream.fill(new Float64Array(8)),
      stream.fill(new Float64Array(8)),
    ]).toEqual([8, 2, 0]);
  });

  it('stays ended after the end of the duration', () => {
    const { random } = tenantRandoms(new RandomStreams(1), 'a');
    const stream = arrivalStream({ process: POISSON, durationS: 1, random });
    const block = new Float64Array(1000);
    expect(stream.fill(block)).toBeGreaterThan(50);
    expect([stream.fill(block), stream.fill(block)]).toEqual([0, 0]);
  });

  it('ends at once where the rate is almost nothing, however many states or bins pass until then', () => {
    const slow: ArrivalProcess[] = [
      { kind: 'mmpp', states: [1e-12, 0].map((ratePerS) => ({ ratePerS, meanDwellS: 0.01 })) },
      { kind: 'counts', counts: [1e-12], binS: 0.01, repeat: true },
    ];
    for (const process of slow) expect(arrivalsOf(process, 100)).toHaveLength(0);
  });
});

describe('batch sizes', () => {
  it('are drawn in proportion to their weights (chi-square of any list within 10 deviations)', () => {
    const weighted = fc.record({
      batchSize: fc.integer({ min: 1, max: 999 }),
      weight: fc.integer({ min: 0, max: 9 }),
    });
    const list = fc.uniqueArray(weighted, {
      minLength: 2,
      maxLength: 12,
      selector: (entry) => entry.batchSize,
    });
    const positive = list.filter((entries) => entries.filter(({ weight }) => weight > 0).length > 1);
    fc.assert(
      fc.property(positive, fc.nat(), (sizes, seed) => {
        const random = new RandomStreams(seed).get('batch');
        const sampler = batchSizeSampler(sizes);
        const counts = new Map(sizes.map(({ batchSize }) => [batchSize, 0]));
        for (let i = 0; i < 5000; i++) {
          const drawn = sampler.next(random);
          counts.set(drawn, counts.get(drawn)! + 1);
        }
        const total = sizes.reduce((sum, { weight }) => sum + weight, 0);
        const used = sizes.filter(({ weight }) => weight > 0);
        const unused = sizes.filter(({ weight }) => weight === 0);
        expect(unused.every(({ batchSize }) => counts.get(batchSize) === 0)).toBe(true);
        const statistic = used.reduce((sum, { batchSize, weight }) => {
          const expected = (5000 * weight) / total;
          return sum + (counts.get(batchSize)! - expected) ** 2 / expected;
        }, 0);
        const freedom = used.length - 1;
        expect((statistic - freedom) / Math.sqrt(2 * freedom)).toBeLessThan(10);
      }),
      { numRuns: cases(60), seed: 1 },
    );
  });
});
