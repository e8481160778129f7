// One of the processes of two-cores.ts that share nothing: prepares its sweep, waits for a message, and simulates
// its share of the points.
import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';
import { twoCoresSweep } from './workload.js';

/** Which points: every `of`th, from `part` on. */
export interface LoneShare {
  readonly requests: number;
  readonly part: number;
  readonly of: number;
}

const share = JSON.parse(process.argv[2]!) as LoneShare;
const { library, points } = await twoCoresSweep(share.requests);
const evaluator = new PointEvaluator({ engine: engine(), digest, library });

process.once('message', () => {
  points.forEach(({ scenario }, i) => {
    if (i % share.of === share.part) evaluator.evaluate(scenario);
  });
  process.send!('done', () => process.disconnect());
});
process.send!('ready');
