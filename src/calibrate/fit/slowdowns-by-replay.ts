import { type Observation, observationsOf } from '../observation.js';
import type { PairFit } from './interference.js';
import { replayedStretches, type Served } from './replay.js';
import { thousandths } from './rounding.js';
import { LEAST_BUSY_SHARE, sideInTurns } from './side-by-side.js';

/**
 * Slowdowns less what else makes executions longer beside those of another model: its requests take cores as well, which a
 * simulation adds by their rate. Pairs are replayed in their turns, and each slowdown changed by how much more inferences
 * were stretched there than in the turns that were measured, for the time in which both executed.
 * @param served the models as they were fitted with these slowdowns
 */
export function refineSlowdowns(
  observations: readonly Observation[],
  served: readonly Served[],
  pairs: readonly PairFit[],
): readonly PairFit[] {
  return pairs.map((pair) => {
    if (pair.turns || Math.max(pair.slowdown, pair.otherSlowdown) === 1) return pair;
    const point = observationsOf(observations, 'together').find(({ experiment }) => isOf(experiment, pair));
    return point === undefined ? pair : refined(pair, point, served);
  });
}

type TogetherPoint = ReturnType<typeof observationsOf<'together'>>[number];

function isOf({ model, other }: TogetherPoint['experiment'], pair: PairFit): boolean {
  return (model === pair.model && other === pair.other) || (model === pair.other && other === pair.model);
}

function refined(pair: PairFit, point: TogetherPoint, served: readonly Served[]): PairFit {
  const { model, other } = point.experiment;
  const both = [model, other].flatMap((name) => served.find(({ config }) => config.name === name) ?? []);
  const { turns = [] } = point;
  const sides = [sideInTurns(turns, model, 'first'), sideInTurns(turns, other, 'second')] as const;
  if (both.length < 2 || sides[0] === undefined || sides[1] === undefined) return pair;
  const measured = sides.map((side) => side!.besideUs / side!.aloneUs);
  const replayed = replayedStretches(point, both);
  const moreOf = (name: string) => {
    const i = name === model ? 0 : 1;
    return (measured[i]! - replayed[i]!) / Math.max(LEAST_BUSY_SHARE, sides[1 - i]!.busyShare);
  };
  const changed = (slowdown: number, more: number) =>
    slowdown === 1 || !Number.isFinite(more) ? slowdown : thousandths(Math.max(1, slowdown + more));
  const slowdown = changed(pair.slowdown, moreOf(pair.model));
  const otherSlowdown = changed(pair.otherSlowdown, moreOf(pair.other));
  const ofCallers = {
    slowdown: Math.min(slowdown, pair.ofCallers.slowdown),
    otherSlowdown: Math.min(otherSlowdown, pair.ofCallers.otherSlowdown),
  };
  return { ...pair, slowdown, otherSlowdown, ofCallers };
}
