import { expect } from 'vitest';
import type { SimulationResult } from '../../src/simulator/result.js';

const REQUEST = ['plannedUs', 'sentUs', 'endedUs', 'outcome'] as const;
const CALL = ['queuedUs', 'startedUs', 'outcome', 'executedBatch', 'instance', 'model', 'execution'] as const;
const PHASE = ['inputUs', 'inferUs', 'outputUs', 'responseUs'] as const;

/** Two ways of simulating a scenario have the same requests, calls, executions and counts. */
export function expectSameRuns(fast: SimulationResult, general: SimulationResult): void {
  for (const column of REQUEST) expect(fast.log[column], column).toEqual(general.log[column]);
  for (const column of CALL) expect(fast.log.calls[column], column).toEqual(general.log.calls[column]);
  expect(fast.log.calls.tree).toEqual(general.log.calls.tree);
  // Of a request that is under way at the end of the run, fast ways know more.
  const answered = ({ log: { calls } }: SimulationResult, column: (typeof PHASE)[number]) =>
    calls[column].filter((_, call) => calls.outcome[call] === 0);
  for (const column of PHASE) expect(answered(fast, column), column).toEqual(answered(general, column));
  expect(fast.executions).toEqual(general.executions);
}
