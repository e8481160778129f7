import type { ModelProfile } from '../../../profile/profile.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { countedOf, type Observation } from '../../observation.js';
import { meanTimeUs, phasesByBatch } from '../phases.js';
import { measuredFigures, misfitOf, replay, replayedInferUs } from './replay.js';

/** Standard deviations by which points may be off; beyond, something else was the matter with them. */
const BELIEVED_WITHIN = 3;

/** An open loop of a model alone, and the model as it was fitted so far. */
export interface OpenLoopPoint {
  readonly observation: Observation;
  readonly config: ModelConfig;
  readonly profile: ModelProfile;
}

/**
 * How far replays of all points together are from what the server counted, in squared standard deviations, under profiles that
 * something was changed of; each point as fast as its inferences were, by Cauchy's loss.
 */
export function misfitOfPoints(
  points: readonly OpenLoopPoint[],
): (change: (profile: ModelProfile) => ModelProfile) => number {
  const runs = points.map(({ observation, config, profile }) => ({
    observation,
    config,
    profileThen: asFastAsIn(observation, config, profile),
    measured: measuredFigures(observation),
  }));
  return (change) =>
    runs.reduce(
      (sum, { observation, config, profileThen, measured }) =>
        sum + bounded(misfitOf(replay(observation, config, change(profileThen)), measured)),
      0,
    );
}

/**
 * The profile with inferences as long as the server counted them in that point, over all executions of a size that the replay
 * has too: what is fitted to the point then is not how fast the machine was meanwhile.
 */
function asFastAsIn(point: Observation, config: ModelConfig, profile: ModelProfile): ModelProfile {
  const replayedUs = replayedInferUs(point, { config, profile });
  const counted = countedOf(point.statistics, config.name)
    .flatMap(phasesByBatch)
    .filter(({ batchSize }) => replayedUs.has(batchSize));
  const replayed = counted.map((row) => ({ ...row, inferUs: replayedUs.get(row.batchSize)! }));
  const factor = meanTimeUs(counted, ['inferUs']) / meanTimeUs(replayed, ['inferUs']);
  if (!(factor > 0 && Number.isFinite(factor))) return profile;
  const service = profile.service.map((each) => ({ ...each, inferMs: factor * each.inferMs }));
  return { ...profile, service };
}

/**
 * A misfit, in squared standard deviations, as it counts (Cauchy's loss): a point in which a process stood still for a moment is
 * off by so much that it would decide alone.
 */
export function bounded(misfit: number): number {
  return BELIEVED_WITHIN ** 2 * Math.log1p(misfit / BELIEVED_WITHIN ** 2);
}
