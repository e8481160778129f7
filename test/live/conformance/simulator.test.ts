import { describe, expect, it } from 'vitest';
import { randomRows } from './random-rows.js';
import { simulatorDifferences } from './run-table.js';
import { TABLES } from './table/index.js';

describe.each(TABLES)('the simulator and the table of $name agree', ({ rows }) => {
  it.each(rows)('$source: $rule', (row) => {
    expect(simulatorDifferences(row)).toEqual([]);
  });
});

describe('random scenarios for a real server', () => {
  const rows = randomRows(12, 1);

  it('are the same each time they are drawn', () => {
    expect(randomRows(2, 1)).toEqual(rows.slice(0, 2));
  });

  it.each(rows)('have one outcome, whichever event loop runs them: $rule', (row) => {
    expect(simulatorDifferences(row)).toEqual([]);
  });
});
