import { PointEvaluator } from '../../sweep/evaluate.js';
import { digest, type Library } from './content-library.js';
import { engine } from './engine.js';
import { evaluateJob } from './evaluate-job.js';
import type { SweepRunner } from './runner.js';

/** Runs points one after the other in this thread. */
export function inlineRunner(library: Library): SweepRunner {
  const evaluator = new PointEvaluator({ engine: engine(), digest, library });
  return async (jobs, onResult, signal) => {
    for (const job of jobs) {
      if (signal.aborted) return;
      await onResult(evaluateJob(evaluator, job));
      // Signals and timers get their turn between points.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}
