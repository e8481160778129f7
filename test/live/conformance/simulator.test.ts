import { describe, expect, it } from 'vitest';
import { simulatorDifferences } from './run-table.js';
import { TABLE } from './table/index.js';

describe('the simulator and the conformance table agree', () => {
  it.each(TABLE)('$source: $rule', (row) => {
    expect(simulatorDifferences(row)).toEqual([]);
  });
});
