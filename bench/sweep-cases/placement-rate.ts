import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import type { PreparedSweep } from '../../src/node/sweep/prepare-sweep.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';
import type { SweepBench } from './case.js';
import { itemsPerS, placementCount, REQUESTS, rateCase } from './rate.js';
import { oneModel, placementWalk, prepareTexts } from './workload.js';

/** Placements simulated and measured in full per second, in this thread. */
export const placementRate: SweepBench = async ({ quick, say }) => {
  const count = placementCount(quick);
  const { scenario, sweep } = placementWalk(REQUESTS, count);
  const fleet = await prepareTexts(scenario, sweep);
  const single = await prepareTexts(oneModel(REQUESTS), settings(count));
  const report = (what: string, { rate, simulated, reused }: Rate) => {
    say(`${what}: ${rate.toFixed(0)} /s, ${simulated} components simulated, ${reused} reused`);
    return rateCase(what, rate);
  };
  return [
    report('placements of 40 models on 16 GPUs, each moves one model', rateOf(fleet)),
    report('settings of one model, nothing in common but the arrivals', rateOf(single)),
  ];
};

/** One model in so many settings: no component is ever the same. */
function settings(count: number): string {
  return `perseus: 1
name: settings
scenario: scenario.yaml
axes:
  - {name: batch, vary: maxBatchSize, values: [4, 8, 16, 32]}
  - {name: delayUs, vary: queueDelayUs, range: {from: 100, to: 10000, scale: log, steps: ${Math.ceil(count / 4)}, wholeNumbers: true}}
`;
}

interface Rate {
  readonly rate: number;
  readonly simulated: number;
  readonly reused: number;
}

function rateOf({ library, points }: PreparedSweep): Rate {
  const evaluator = new PointEvaluator({ engine: engine(), digest, library });
  let before = { ...evaluator.components };
  const evaluate = ({ scenario }: (typeof points)[number]) => evaluator.evaluate(scenario);
  const rate = itemsPerS(points, evaluate, () => {
    before = { ...evaluator.components };
  });
  return {
    rate,
    simulated: evaluator.components.simulated - before.simulated,
    reused: evaluator.components.reused - before.reused,
  };
}
