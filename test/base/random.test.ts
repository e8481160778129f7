import { sampleCorrelation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { Random, RandomStreams } from '../../src/base/random.js';
import { draw, expectToFollow, uniformityDeviation } from './distribution-laws.js';

describe('Random', () => {
  it('draws what the published sfc32 draws (numbers from a C program of the algorithm)', () => {
    const random = new Random(1, 2, 3);
    const drawn = Array.from({ length: 6 }, () => random.nextUint32());
    expect(drawn).toEqual([1936341825, 3001364500, 1029104839, 3987121759, 92551270, 1122162139]);
  });

  it('fills every byte of a draw evenly (chi-square within 4 deviations)', () => {
    const random = new RandomStreams('bytes').get('x');
    const counts = [0, 8, 16, 24].map(() => new Uint32Array(256));
    for (let i = 0; i < 500_000; i++) {
      const bits = random.nextUint32();
      counts.forEach((bins, byte) => {
        bins[(bits >>> (8 * byte)) & 255]! += 1;
      });
    }
    for (const bins of counts) expect(Math.abs(uniformityDeviation(bins))).toBeLessThan(4);
  });

  it('fills the square of successive pairs evenly', () => {
    const random = new RandomStreams('pairs').get('x');
    const cells = new Uint32Array(64 * 64);
    for (let i = 0; i < 500_000; i++)
      cells[(random.nextUint32() >>> 26) * 64 + (random.nextUint32() >>> 26)]! += 1;
    expect(Math.abs(uniformityDeviation(cells))).toBeLessThan(4);
  });

  it('draws numbers uniform in (0, 1), never an end', () => {
    const random = new RandomStreams(3).get('open');
    const sample = draw(200_000, () => random.nextOpen());
    expectToFollow(sample, (x) => x);
    expect(sample.every((x) => x > 0 && x < 1)).toBe(true);
  });

  it('draws integers below the bound, each equally often', () => {
    const random = new RandomStreams(4).get('int');
    const counts = new Uint32Array(10);
    for (let i = 0; i < 200_000; i++) counts[random.nextInt(10)]! += 1;
    expect(Math.abs(uniformityDeviation(counts))).toBeLessThan(4);
  });
});

describe('RandomStreams', () => {
  const first = (seed: number | string, name: string) => {
    const random = new RandomStreams(seed).get(name);
    return Array.from({ length: 4 }, () => random.nextUint32());
  };

  it('always gives the same numbers for a seed and a name (a snapshot: it catches change, it proves nothing)', () => {
    expect(first(1, 'arrivals/a')).toMatchInlineSnapshot(`
      [
        1541960414,
        772485048,
        2794632712,
        1732317315,
      ]
    `);
    expect(first('seed', '')).toMatchInlineSnapshot(`
      [
        3678583112,
        2658453469,
        1490806385,
        402020630,
      ]
    `);
  });

  it('tells seeds, names and the border between them apart', () => {
    const keys: [number | string, string][] = [
      [1, 'a'],
      [2, 'a'],
      [1, 'b'],
      [1, ''],
      [12, '3'],
      [1, '23'],
      ['', '1a'],
      ['1a', ''],
    ];
    const seen = new Set(keys.map(([seed, name]) => first(seed, name).join()));
    expect(seen.size).toBe(keys.length);
  });

  it('does not depend on which other streams were taken before', () => {
    const streams = new RandomStreams(7);
    for (let i = 0; i < 10; i++) streams.get(`other ${i}`).next();
    expect(Array.from({ length: 4 }, streamOf(streams, 'mine'))).toEqual(first(7, 'mine'));
  });

  it('gives streams of similar names that are uncorrelated (within 4 / √n)', () => {
    const n = 20_000;
    const streams = new RandomStreams(1);
    const samples = Array.from({ length: 12 }, (_, i) => {
      const random = streams.get(`tenant ${i}`);
      return Array.from({ length: n }, () => random.next());
    });
    for (let i = 0; i < samples.length; i++) {
      for (let j = 0; j < i; j++) {
        expect(Math.abs(sampleCorrelation(samples[i]!, samples[j]!))).toBeLessThan(4 / Math.sqrt(n));
      }
    }
  });

  it('gives first draws that are uniform over names and over seeds', () => {
    const byName = draw(
      20_000,
      nextOf((i) => new RandomStreams(1).get(`tenant ${i}`)),
    );
    const bySeed = draw(
      20_000,
      nextOf((i) => new RandomStreams(i).get('arrivals')),
    );
    expectToFollow(byName, (x) => x);
    expectToFollow(bySeed, (x) => x);
  });
});

function streamOf(streams: RandomStreams, name: string): () => number {
  const random = streams.get(name);
  return () => random.nextUint32();
}

function nextOf(stream: (i: number) => Random): () => number {
  let i = 0;
  return () => stream(i++).next();
}
