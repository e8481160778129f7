import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import type { PreparedSweep } from '../../src/node/sweep/prepare-sweep.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';
import type { SweepBench } from './case.js';
import { oneModel, placementWalk, prepareTexts } from './workload.js';

const REQUESTS = 100_000;

/** Placements simulated and measured in full per second, in this thread. */
export const placementRate: SweepBench = async ({ quick, say }) => {
  const count = quick ? 50 : 200;
  const { scenario, sweep } = placementWalk(REQUESTS, count);
  const fleet = await prepareTexts(scenario, sweep);
  const single = await prepareTexts(oneModel(REQUESTS), settings(count));
  const report = (what: string, { rate, simulated, reused }: Rate) => {
    say(`${what}: ${rate.toFixed(0)} /s, ${simulated} components simulated, ${reused} reused`);
    return {
      name: `${what}, ${REQUESTS} requests each, one core`,
      value: rate,
      bound: 100,
      unit: 'placements/s',
    };
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
  // The first points draw the arrivals and compile the simulator, which a long search does once.
  const warmUp = Math.ceil(points.length / 10);
  for (const { scenario } of points.slice(0, warmUp)) evaluator.evaluate(scenario);
  const before = { ...evaluator.components };
  const started = performance.now();
  for (const { scenario } of points.slice(warmUp)) evaluator.evaluate(scenario);
  const seconds = (performance.now() - started) / 1000;
  return {
    rate: (points.length - warmUp) / seconds,
    simulated: evaluator.components.simulated - before.simulated,
    reused: evaluator.components.reused - before.reused,
  };
}
