import { InputError } from '../../base/problem.js';
import { roundNumber } from '../../base/round-number.js';
import type { PointEvaluator } from '../../sweep/evaluate.js';
import type { SweepRow } from '../../sweep/row.js';
import type { EvaluatedJob, PointResult } from './runner.js';

/** Simulates one point; problems with its loads are its result. */
export function evaluateJob(evaluator: PointEvaluator, { key, scenario }: EvaluatedJob): PointResult {
  try {
    return { key, rows: evaluator.evaluate(scenario).map(rounded) };
  } catch (error) {
    if (error instanceof InputError) return { key, problems: error.problems };
    throw error;
  }
}

/** Figures as our files keep them: without the digits in which platforms may differ. */
function rounded(row: SweepRow): SweepRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, typeof cell === 'number' ? roundNumber(cell) : cell]),
  );
}
