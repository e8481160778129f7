import { type Observation, observationsOf, type TogetherPoint } from '../../observation.js';
import { meanPhases, timeUs } from '../phases.js';
import { replayedMeanInferUs, replayedStretches, servedIn } from '../replay/replay.js';
import type { ReplayedModel } from '../replay/replay-scenario.js';
import { thousandths } from '../rounding.js';
import { type PairFit, pointTogether, sidesTogether } from './interference.js';
import { aloneInferUs, LEAST_BUSY_SHARE } from './side-by-side.js';

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
    return point === undefined ? pair : refined(pair, point, observations, served);
  });
}

function refined(
  pair: PairFit,
  point: TogetherPoint,
  observations: readonly Observation[],
  served: readonly ReplayedModel[],
): PairFit {
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
  const refinedPair = { ...pair, slowdown, otherSlowdown };
  const shown = underClosedLoop(pair, observations, both);
  if (shown === undefined) return refinedPair;
  // Clients overlap nearly all the time: where they show the same, they show it better.
  const better = (open: number, closed: number) =>
    open > 1 && closed > (1 - SAME_WITHIN) * open
      ? thousandths(Math.min((1 + SAME_WITHIN) * open, Math.max(1, closed)))
      : open;
  return {
    ...refinedPair,
    slowdown: better(slowdown, shown(pair.model, pair.slowdown)),
    otherSlowdown: better(otherSlowdown, shown(pair.other, pair.otherSlowdown)),
  };
}

/** Slowdowns of clients within this part of the others are the same: noise tells them apart. */
const SAME_WITHIN = 0.05;

/** What a slowdown with which the models were fitted is by the point of their closed-loop clients, replayed; undefined without one. */
function underClosedLoop(
  pair: PairFit,
  observations: readonly Observation[],
  both: readonly ReplayedModel[],
): ((name: string, fitted: number) => number) | undefined {
  const names = both.map(({ config }) => config.name);
  const point = observationsOf(observations, 'pair').find(({ experiment: { model, other } }) =>
    [model, other].every((name) => name === pair.model || name === pair.other),
  );
  if (point === undefined) return undefined;
  const { experiment, statistics, durationS } = point;
  const replayedUs = replayedMeanInferUs(point, both);
  return (name, fitted) => {
    const batchSize = experiment.model === name ? experiment.batchSize : experiment.otherBatchSize;
    const aloneUs = aloneInferUs(observations, name, batchSize);
    const own = statistics.find(({ model }) => model === name);
    if (aloneUs === undefined || own === undefined) return fitted;
    const others = statistics.filter(({ model }) => model !== name);
    const busyShare = Math.max(LEAST_BUSY_SHARE, timeUs(others, ['inferUs']) / (durationS * 1e6));
    const more = (meanPhases(own).inferUs - replayedUs[names.indexOf(name)]!) / aloneUs / busyShare;
    return Number.isFinite(more) ? fitted + more : fitted;
  };
}
