import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupBy } from '../../src/base/group-by.js';
import { RandomStreams } from '../../src/base/random.js';
import type { Axis } from '../../src/sweep/axis.js';
import { parseCondition } from '../../src/sweep/condition/condition.js';
import { designPoints } from '../../src/sweep/design.js';
import { haltonSequence, radicalInverse } from '../../src/sweep/halton.js';
import { rangeValues, valueAt } from '../../src/sweep/range.js';
import type { DesignSpec, RangeSpec } from '../../src/sweep/spec.js';

const level = (value: number | string) => ({ value, apply: () => {} });
const listAxis = (name: string, values: readonly (number | string)[]): Axis => ({
  name,
  levels: values.map(level),
  at: level,
});
const rangeAxis = (name: string, range: RangeSpec): Axis => ({
  name,
  levels: [level(range.from), level(range.to)],
  range,
  at: level,
});
const linear = (from: number, to: number): RangeSpec => ({ from, to, scale: 'linear', wholeNumbers: false });

function valuesOf(axes: readonly Axis[], design: DesignSpec, where: readonly string[] = []) {
  const names = axes.map(({ name }) => name);
  const conditions = where.map((text) => parseCondition(text, names));
  return designPoints(axes, design, conditions).map((levels) => levels.map(({ value }) => value));
}

describe('a grid', () => {
  const axes = [listAxis('a', [1, 2]), listAxis('b', ['x', 'y', 'z'])];

  it('has every combination once, the last axis fastest', () => {
    expect(valuesOf(axes, { kind: 'grid' })).toEqual([
      [1, 'x'],
      [1, 'y'],
      [1, 'z'],
      [2, 'x'],
      [2, 'y'],
      [2, 'z'],
    ]);
  });

  it('has only those that fulfil every condition', () => {
    expect(valuesOf(axes, { kind: 'grid' }, ["not (a == 1 and b == 'y')", "b != 'z'"])).toEqual([
      [1, 'x'],
      [2, 'x'],
      [2, 'y'],
    ]);
  });

  it('is empty where nothing is left', () => {
    expect(valuesOf(axes, { kind: 'grid' }, ['a > 2'])).toEqual([]);
  });

  it('is refused where a range has no steps, and where it never ends', () => {
    expect(() => valuesOf([rangeAxis('r', linear(0, 1))], { kind: 'grid' })).toThrow(
      'cannot use the range of "r"',
    );
    const wide = ['a', 'b', 'c', 'd'].map((name) =>
      listAxis(
        name,
        Array.from({ length: 100 }, (_, i) => i),
      ),
    );
    expect(() => valuesOf(wide, { kind: 'grid' })).toThrow('100000000 combinations');
  });
});

describe.each(['random', 'halton'] as const)('a %s design', (kind) => {
  const axes = [rangeAxis('x', linear(10, 20)), listAxis('n', [1, 2, 3, 4])];
  const design = { kind, points: 40, seed: 1 } as const;

  it('has so many different points, all within the ranges and conditions', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, points) => {
        const found = valuesOf(axes, { kind, points, seed }, ['x < 18 or n == 1']) as number[][];
        expect(found).toHaveLength(points);
        expect(new Set(found.map(String)).size).toBe(points);
        for (const [x, n] of found) expect(x! >= 10 && x! <= 20 && (x! < 18 || n === 1)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same for the same seed and another for another', () => {
    expect(valuesOf(axes, design)).toEqual(valuesOf(axes, design));
    expect(valuesOf(axes, { ...design, seed: 2 })).not.toEqual(valuesOf(axes, design));
  });

  it('with more points begins with the same ones', () => {
    expect(valuesOf(axes, { ...design, points: 60 }).slice(0, 40)).toEqual(valuesOf(axes, design));
  });

  it('runs each setting under every seed, so that what is drawn has error bars', () => {
    const seeds = [7, 8, 9];
    const withSeeds = [rangeAxis('x', linear(10, 20)), listAxis('seed', seeds), listAxis('n', [1, 2, 3, 4])];
    const found = designPoints(withSeeds, design, [], 'seed').map((levels) =>
      levels.map(({ value }) => value),
    );
    expect(found).toHaveLength(120);
    const settings = groupBy(found, ([x, , n]) => `${x} ${n}`);
    expect([...settings.values()].map((points) => points.map(([, seed]) => seed))).toEqual(
      Array(40).fill(seeds),
    );
    const alone = designPoints([listAxis('seed', seeds)], { ...design, points: 2 }, [], 'seed');
    expect(alone).toHaveLength(2);
  });

  it('is refused where there are not so many different points', () => {
    const few = () => valuesOf([listAxis('n', [1, 2, 3])], design);
    expect(few).toThrow(/^only 3 different points of 40 were found; ask for fewer$/);
    const filtered = () => valuesOf([listAxis('n', [1, 2, 3])], design, ['n > 1']);
    expect(filtered).toThrow(/^only 2 different .*; ask for fewer, or loosen where$/);
  });
});

describe('a Halton sequence', () => {
  it('mirrors the digits of the index', () => {
    expect([1, 2, 3, 4, 5].map((index) => radicalInverse(2, index))).toEqual([0.5, 0.25, 0.75, 0.125, 0.625]);
    expect(radicalInverse(3, 5)).toBeCloseTo(2 / 3 + 1 / 9, 15);
  });

  it('fills every interval evenly, whatever its seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const draw = haltonSequence(3, new RandomStreams(seed).get('test'));
        const points = Array.from({ length: 300 }, (_, i) => draw(i));
        for (const dimension of [0, 1, 2]) {
          for (let bin = 0; bin < 10; bin++) {
            const inside = points.filter((point) => Math.floor(point[dimension]! * 10) === bin).length;
            // 30 are expected; independent draws would be off by 5 on average.
            expect(Math.abs(inside - 30)).toBeLessThanOrEqual(6);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a range', () => {
  it('has its ends as they are written, and steps without stray digits', () => {
    const range = { ...linear(0.1, 0.9), steps: 9 };
    expect(rangeValues(range)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    expect(rangeValues({ ...range, from: 1, to: 1000, scale: 'log', steps: 4 })).toEqual([1, 10, 100, 1000]);
    expect(rangeValues({ ...range, from: 1, to: 3, wholeNumbers: true })).toEqual([1, 2, 3]);
  });

  it('never leaves its ends', () => {
    const double = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        double,
        double,
        fc.constantFrom('linear', 'log'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, scale, share) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b) + 1];
          const value = valueAt({ from, to, scale, wholeNumbers: false }, share);
          expect(value).toBeGreaterThanOrEqual(from * (1 - 1e-11));
          expect(value).toBeLessThanOrEqual(to * (1 + 1e-11));
        },
      ),
    );
  });
});
