import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { bestMatching } from '../../../src/plan/migration/best-matching.js';

/** The best sum there is, found by trying every way. */
function bestSum(worth: readonly (readonly number[])[], row = 0, used = 0): number {
  const values = worth[row];
  if (values === undefined) return 0;
  const alone = bestSum(worth, row + 1, used);
  const paired = values.flatMap((value, column) =>
    (used >> column) & 1 ? [] : [value + bestSum(worth, row + 1, used | (1 << column))],
  );
  return Math.max(alone, ...paired);
}

describe('the best matching', () => {
  it('is worth as much as the best of all ways, with no column twice', () => {
    const random = new RandomStreams(1).get('matching');
    for (let i = 0; i < 500; i++) {
      const columns = random.nextInt(6);
      const worth = Array.from({ length: random.nextInt(6) }, () =>
        Array.from({ length: columns }, () => random.nextInt(4)),
      );
      const found = bestMatching(worth.length, columns, (row, column) => worth[row]![column]!);
      const taken = found.filter((column) => column !== undefined);
      expect(new Set(taken).size).toBe(taken.length);
      const sum = found.reduce<number>(
        (total, column, row) => total + (column === undefined ? 0 : worth[row]![column]!),
        0,
      );
      expect(sum).toBe(bestSum(worth));
    }
  });

  it('leaves alone what would be worth nothing in a pair', () => {
    expect(bestMatching(2, 2, (row, column) => Number(row === 0 && column === 1))).toEqual([1, undefined]);
  });
});
