import { describe, expect, it } from 'vitest';
import { type AxisSpec, type SweepSpec, seedAxisOf } from '../../src/sweep/spec.js';
import { sweepTable } from '../../src/sweep/sweep-table.js';

/** The column of an axis with these values, one for each point. */
function axisColumn(values: readonly (number | string | boolean)[]) {
  const points = values.map((value, i) => ({ number: i + 1, values: [value], key: '', rows: [{}] }));
  const { type, cells } = sweepTable(['axis'], points).columns[1]!;
  return { type, cells };
}

describe('the column of an axis', () => {
  it('is of numbers or of flags where all its values are, else all are words', () => {
    expect(axisColumn([1, 2])).toEqual({ type: 'number', cells: [1, 2] });
    expect(axisColumn([true, false])).toEqual({ type: 'flag', cells: [true, false] });
    expect(axisColumn([1, 'auto', true])).toEqual({ type: 'text', cells: ['1', 'auto', 'true'] });
  });
});

it('points are replications by the axis that varies the seed, by its word or as the only path', () => {
  const named = (vary: AxisSpec['vary']) =>
    seedAxisOf({
      axes: [
        { name: 'load', vary: 'loadScale' },
        { name: 'draw', vary },
      ],
    } as unknown as SweepSpec);
  expect(named('seed')).toBe('draw');
  expect(named(['seed'])).toBe('draw');
  expect(named(['seed', 'durationS'])).toBeUndefined();
});
