import { LATE_IDLE_US, type LateIdle } from '../../profile/serving.js';
import { type Observation, observationsOf } from '../observation.js';
import { bounded } from './misfit-of-points.js';
import { type Expectation, fitShare, type Share } from './race-share.js';
import { replayedSleeps } from './replay.js';
import type { ReplayedModel } from './replay-scenario.js';
import { withServing } from './with-serving.js';

/**
 * What is expected before a server is measured: 1 to 10 % of the executions of saturated instances ended in a sleep of the batcher
 * (Triton 24.10, python backend, two cores of an AMD host; seven models), whose batcher won 28 to 50 % of the races.
 */
const EXPECTED: Expectation = { share: 0.12, deviation: 0.08 };

/**
 * In how many of the races that the batcher wins the instance is idle long after: the share under which callers that never pause
 * find the batcher asleep as often as was counted. Typical where no closed loop of a model with a queue policy was measured.
 * @param models with a queue policy
 */
export function fitLateIdle(
  observations: readonly Observation[],
  models: readonly ReplayedModel[],
): LateIdle {
  const points = models.flatMap((model) =>
    (['saturated', 'backlog'] as const).flatMap((kind) =>
      observationsOf(observations, kind, model.config.name).flatMap((observation) => {
        const sleeps = observation.clients[0]!.steady?.sleeps;
        return sleeps === undefined ? [] : [{ observation, model, sleeps }];
      }),
    ),
  );
  if (points.length === 0) return TYPICAL_LATE_IDLE;
  const misfit = (share: Share) =>
    points.reduce(
      (sum, { observation, model, sleeps }) =>
        sum + bounded(squareOfRoots(replayedSleeps(observation, withLateIdle(model, share)), sleeps)),
      0,
    );
  return lateIdle(fitShare(misfit, EXPECTED));
}

function lateIdle(share: Share): LateIdle {
  return { share, us: LATE_IDLE_US };
}

/** As it is expected of a server of which nothing is known yet. */
export const TYPICAL_LATE_IDLE: LateIdle = lateIdle(EXPECTED.share);

function withLateIdle({ config, profile }: ReplayedModel, share: Share): ReplayedModel {
  return { config, profile: withServing(profile, { lateIdle: lateIdle(share) }) };
}

/** Counts of rare events: their square roots all have the same deviation, of a half (Bartlett 1936). */
function squareOfRoots(expected: number, counted: number): number {
  return (2 * (Math.sqrt(expected) - Math.sqrt(counted))) ** 2;
}
