import { describe, expect, it } from 'vitest';
import { simulatorDifferences } from './run-table.js';
import { TABLES } from './table/index.js';

describe.each(TABLES)('the simulator and the table of $name agree', ({ rows }) => {
  it.each(rows)('$source: $rule', (row) => {
    expect(simulatorDifferences(row)).toEqual([]);
  });
});
