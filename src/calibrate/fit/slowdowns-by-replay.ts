import type { Observation, TogetherPoint } from '../observation.js';
import { type PairFit, pointTogether, sidesTogether } from './interference.js';
import { replayedStretches, servedIn } from './replay.js';
import type { ReplayedModel } from './replay-scenario.js';
import { thousandths } from './rounding.js';
import { LEAST_BUSY_SHARE } from './side-by-side.js';

/**
 * Slowdowns less what else makes executions longer beside those of another model: its requests take cores as well, which a
 * simulation adds by their rate. Pairs are replayed in their turns, and each slowdown changed by how much more inferences
 * were stretched there than in the turns that were measured, for the time in which both executed.
 * @param served the models as they were fitted with these slowdowns
 */
export function refineSlowdowns(
  observations: readonly Observation[],
  served: readonly ReplayedModel[],
  pairs: readonly PairFit[],
): readonly PairFit[] {
  return pairs.map((pair) => {
    if (pair.turns || Math.max(pair.slowdown, pair.otherSlowdown) === 1) return pair;
    const point = pointTogether(observations, pair);
    return point === undefined ? pair : refined(pair, point, served);
  });
}

function refined(pair: PairFit, point: TogetherPoint, served: readonly ReplayedModel[]): PairFit {
  const both = servedIn(point, served);
  const sides = sidesTogether(point, point.experiment);
  if (both === undefined || sides === undefined) return pair;
  const measured = sides.map((side) => side.besideUs / side.aloneUs);
  const replayed = replayedStretches(point, both);
  const moreOf = (name: string) => {
    const i = name === point.experiment.model ? 0 : 1;
    return (measured[i]! - replayed[i]!) / Math.max(LEAST_BUSY_SHARE, sides[1 - i]!.busyShare);
  };
  const changed = (slowdown: number, more: number) =>
    slowdown === 1 || !Number.isFinite(more) ? slowdown : thousandths(Math.max(1, slowdown + more));
  const slowdown = changed(pair.slowdown, moreOf(pair.model));
  const otherSlowdown = changed(pair.otherSlowdown, moreOf(pair.other));
  const ofClosedLoop = {
    slowdown: Math.min(slowdown, pair.ofClosedLoop.slowdown),
    otherSlowdown: Math.min(otherSlowdown, pair.ofClosedLoop.otherSlowdown),
  };
  return { ...pair, slowdown, otherSlowdown, ofClosedLoop };
}
