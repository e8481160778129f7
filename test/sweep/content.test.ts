import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue } from '../../src/sweep/content.js';
import { SizedCache } from '../../src/sweep/lru.js';
import { paretoFront } from '../../src/sweep/pareto.js';

const number = fc
  .oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity))
  .filter((value) => !Object.is(value, -0));
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    number,
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('record'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc.dictionary(
    fc.string().filter((key) => key !== '$type' && key !== '__proto__'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
  map: fc.array(fc.tuple(fc.integer(), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
})).value;

describe('a value as text', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeValue(encodeValue(value))).toEqual(value);
      }),
    );
  });

  it('is the same for equal values, in whatever order their keys were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer(), { noNullPrototype: true }), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse());
        expect(encodeValue(turned)).toBe(encodeValue(record));
      }),
    );
  });

  it('leaves out what is undefined', () => {
    expect(encodeValue({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

it('a Pareto front holds the points that no other beats, and only those', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 9 }), quality: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const front = paretoFront(points);
      const beats = (a: number, b: number) =>
        points[a]!.cost <= points[b]!.cost &&
        points[a]!.quality >= points[b]!.quality &&
        (points[a]!.cost < points[b]!.cost || points[a]!.quality > points[b]!.quality || a < b);
      const expected = points.map((_, i) => i).filter((i) => !points.some((_, j) => j !== i && beats(j, i)));
      expect([...front].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});

it('a cache keeps what was asked for last, within its room', () => {
  const made: string[] = [];
  const cache = new SizedCache<string>(3, (value) => value.length);
  const get = (key: string) =>
    cache.get(key, () => {
      made.push(key);
      return key;
    });
  for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) get(key);
  expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
  get('far too large');
  get('far too large');
  expect(made.filter((key) => key === 'far too large')).toHaveLength(1);
});
