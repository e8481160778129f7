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
  const usual = { ...pair, slowdown, otherSlowdown };
  const ofClosedLoop = refinedOfClosedLoopClients(usual, observations, both);
  if (ofClosedLoop === undefined) return { ...usual, ofClosedLoop: noMoreThan(usual) };
  // Clients overlap nearly all the time: where they show the same, they show it better.
  const better = (open: number, closedLoopClients: number) =>
    closedLoopClients > (1 - SAME_WITHIN) * open ? closedLoopClients : open;
  return {
    ...pair,
    slowdown: better(slowdown, ofClosedLoop.slowdown),
    otherSlowdown: better(otherSlowdown, ofClosedLoop.otherSlowdown),
    ofClosedLoop,
  };
}

/** Slowdowns of clients within this part of the others are the same: noise tells them apart. */
const SAME_WITHIN = 0.05;

function noMoreThan({ slowdown, otherSlowdown, ofClosedLoop }: PairFit): PairFit['ofClosedLoop'] {
  return {
    slowdown: Math.min(slowdown, ofClosedLoop.slowdown),
    otherSlowdown: Math.min(otherSlowdown, ofClosedLoop.otherSlowdown),
  };
}

/** The same for clients, whose executions overlap for longer than their shares of the time say: they make each other longer. */
function refinedOfClosedLoopClients(
  pair: PairFit,
  observations: readonly Observation[],
  both: readonly ReplayedModel[],
): PairFit['ofClosedLoop'] | undefined {
  const names = both.map(({ config }) => config.name);
  const point = observationsOf(observations, 'pair').find(({ experiment: { model, other } }) =>
    [model, other].every((name) => names.includes(name)),
  );
  if (point === undefined) return undefined;
  const replayedUs = replayedMeanInferUs(point, both);
  const { experiment, statistics, durationS } = point;
  const refinedOf = (name: string, usual: number, measured: number) => {
    const isFirst = experiment.model === name;
    const aloneUs = aloneInferUs(
      observations,
      name,
      isFirst ? experiment.batchSize : experiment.otherBatchSize,
    );
    const own = statistics.find(({ model }) => model === name);
    const others = statistics.filter(({ model }) => model !== name);
    if (aloneUs === undefined || own === undefined || usual === 1) return Math.min(usual, measured);
    const busyShare = Math.max(LEAST_BUSY_SHARE, timeUs(others, ['inferUs']) / (durationS * 1e6));
    const moreUs = meanPhases(own).inferUs - replayedUs[names.indexOf(name)]!;
    const changed = measured + (Number.isFinite(moreUs) ? moreUs / aloneUs / busyShare : 0);
    return thousandths(Math.min((1 + SAME_WITHIN) * usual, Math.max(1, changed)));
  };
  return {
    slowdown: refinedOf(pair.model, pair.slowdown, pair.ofClosedLoop.slowdown),
    otherSlowdown: refinedOf(pair.other, pair.otherSlowdown, pair.ofClosedLoop.otherSlowdown),
  };
}
