import { describe, expect, it } from 'vitest';
import { SIMULATOR_TOLERANCE_MS } from '../tolerances.js';
import { differences } from './compare.js';
import { runOnSimulator } from './on-simulator.js';
import { COMPOSITIONS } from './table/index.js';

describe('the simulator and the table of compositions agree', () => {
  it.each(COMPOSITIONS.filter(({ notSimulated }) => notSimulated === undefined))('$source: $rule', (row) => {
    expect(differences(row, runOnSimulator(row), SIMULATOR_TOLERANCE_MS)).toEqual([]);
  });
});
