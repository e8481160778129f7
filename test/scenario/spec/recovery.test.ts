import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { recover } from '../../../src/scenario/spec/recovery.js';

const schema = z.strictObject({
  title: z.string(),
  note: z.string().optional(),
  guests: z.array(z.strictObject({ name: z.string(), seat: z.strictObject({ row: z.number() }).optional() })),
  rooms: z.array(z.number()).default([]),
});

const mayLoseGuests = { mayLose: (list: readonly (string | number)[]) => list[0] === 'guests' };

describe('recover', () => {
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    ['keeps what is right', { title: 'a', guests: [] }, { title: 'a', guests: [], rooms: [] }],
    ['leaves unknown keys out', { title: 'a', guests: [], x: 1 }, { title: 'a', guests: [], rooms: [] }],
    [
      'leaves wrong optional values out',
      { title: 'a', guests: [], note: 5, rooms: 'two' },
      { title: 'a', guests: [], rooms: [] },
    ],
    [
      'takes the holder along',
      { title: 'a', guests: [{ name: 'b', seat: { row: 'x' } }] },
      { title: 'a', guests: [{ name: 'b' }], rooms: [] },
    ],
    [
      'takes entries out where it may',
      { title: 'a', guests: [{ name: 1 }, { name: 'c' }, {}] },
      { title: 'a', guests: [{ name: 'c' }], rooms: [] },
    ],
    ['gives the whole list up where it may not', { title: 'a', guests: [], rooms: [1, 'x'] }, undefined],
    ['gives up where something needed is wrong', { title: 5, guests: [] }, undefined],
    ['gives up on something else altogether', 'text', undefined],
  ];

  it.each(cases)('%s', (_, value, expected) => {
    expect(recover(schema, value, mayLoseGuests)?.value).toEqual(expected);
  });

  it('knows where the remaining entries stood', () => {
    const value = { title: 'a', guests: [{ name: 1 }, { name: 'c' }, { name: 2 }, { name: 'e' }] };
    const { originalPath } = recover(schema, value, mayLoseGuests)!;
    expect(originalPath(['guests', 0, 'name'])).toEqual(['guests', 1, 'name']);
    expect(originalPath(['guests', 1])).toEqual(['guests', 3]);
    expect(originalPath(['title'])).toEqual(['title']);
  });

  it('knows what was taken out, where it stood', () => {
    const value = { title: 'a', note: 5, guests: [{ name: 1 }, { name: 'c', seat: { row: 'x' } }] };
    const { gaps } = recover(schema, value, mayLoseGuests)!;
    expect(gaps.at(['note'])).toBe(true);
    expect(gaps.at(['title'])).toBe(false);
    expect(gaps.at(['guests', 0, 'seat', 'row'])).toBe(true);
    expect(gaps.at(['guests', 0, 'name'])).toBe(false);
    expect(new Set(gaps.below(['guests', 0]))).toEqual(new Set(['seat']));
  });

  it('puts something in the place of what can be stood in for, wrong or missing, and keeps what holds it', () => {
    const standIn = (part: readonly (string | number)[]) => (part.at(-1) === 'name' ? '?' : undefined);
    const value = { title: 'a', guests: [{ name: 1 }, { seat: { row: 2 } }] };
    const rest = recover(schema, value, { ...mayLoseGuests, standIn })!;
    expect(rest.value.guests).toEqual([{ name: '?' }, { name: '?', seat: { row: 2 } }]);
    expect(rest.gaps.at(['guests', 0, 'name'])).toBe(true);
    expect(rest.gaps.at(['guests', 1])).toBe(false);
  });

  it('leaves the value as it was', () => {
    const value = { title: 'a', guests: [{ name: 1 }], x: 1 };
    recover(schema, value, mayLoseGuests);
    expect(value).toEqual({ title: 'a', guests: [{ name: 1 }], x: 1 });
  });
});
