import { type Point, point } from './judge.js';
import { aloneOn, type Known, serverOf } from './machines.js';
import type { FrontierPoint } from './measured.js';
import { lonelyModel, nameOfGpus } from './peaks.js';
import { otherOf, saturatedBeside, saturatedModel, throughputs } from './predict-frontier.js';

/**
 * Measured points of the figure beside their predictions, one row for each; they are numbered through the table. A peak
 * is predicted as if it had not been measured.
 */
export function frontierPoints(
  points: readonly FrontierPoint[],
  known: Known,
  onProgress: (what: string) => void = () => {},
): readonly Point[] {
  return points.map((measured, i) => {
    onProgress(`predicting point ${i + 1} of the figure, ${nameOfGpus(measured)}`);
    const lonely = lonelyModel(measured);
    const { gpu, gpus } = measured;
    const server = serverOf(measured, known, lonely && { gpu, gpus, model: lonely });
    const rates = throughputs(measured);
    const model = lonely ?? saturatedModel(rates, aloneOn(measured, server, known));
    return point({
      test: 'frontier',
      setup: nameOfGpus(measured),
      sharing: lonely === undefined ? 'gpu' : 'none',
      model,
      pass: i + 1,
      metric: 'throughput',
      measured: rates[model],
      predicted: saturatedBeside(model, rates[otherOf(model)], server)[model],
      belowSaturation: false,
      basis: 'predicted',
    });
  });
}
