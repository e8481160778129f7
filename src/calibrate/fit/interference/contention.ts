import type { ModelStatistics } from '../../../live/inference-client.js';
import type { ModelProfile } from '../../../profile/profile.js';
import { isOnHost, modelsOf } from '../../experiment.js';
import type { Observation } from '../../observation.js';
import { replayedInferUs } from '../replay/replay.js';
import type { ReplayedModel } from '../replay/replay-scenario.js';
import { countedAnew, withInferNs } from './counted-anew.js';

/** Loads that tell service times, pauses and drift; with two models it is their turns alone that do. */
const LOADS: ReadonlySet<string> = new Set(['backlog', 'poisson', 'alone', 'together']);

/**
 * Loads of a model as they would have been if nothing else had needed the cores on which its inferences compute. Front end and
 * client need them, and how much longer inferences take depends on load and batch size. So each load is replayed with and without
 * that need, and its inferences of each batch size are shortened by the ratio. A simulation adds it anew by what the load is.
 * @param served the model as it was fitted so far
 */
export function withoutContention(
  observations: readonly Observation[],
  { config, profile }: ReplayedModel,
): readonly Observation[] {
  if (profile.hostCores.infer === 0 || !isOnHost(config)) return observations;
  // Both replays have the same executions: what these vary by is no contention.
  const contended: ModelProfile = { ...profile, spread: { law: 'none' } };
  const apart: ModelProfile = { ...contended, hostCores: { ...profile.hostCores, infer: 0 } };
  return observations.map((observation) => {
    const { experiment } = observation;
    if (!LOADS.has(experiment.kind) || !modelsOf(experiment).includes(config.name)) return observation;
    const inferUs = replayedInferUs(observation, { config, profile: contended });
    const apartUs = replayedInferUs(observation, { config, profile: apart });
    return countedAnew(observation, config.name, (each) => shortened(each, inferUs, apartUs));
  });
}

type BySize = ReadonlyMap<number, number>;

function shortened(counted: ModelStatistics, inferUs: BySize, apartUs: BySize): ModelStatistics {
  const sizes = [...inferUs.keys()].filter((size) => apartUs.has(size)).sort((a, b) => a - b);
  const partOf = (batchSize: number) => {
    const size = sizes.findLast((each) => each <= batchSize) ?? sizes[0];
    return size === undefined ? 1 : Math.min(1, apartUs.get(size)! / inferUs.get(size)!);
  };
  return withInferNs(counted, ({ batchSize, ns }) => ns * partOf(batchSize));
}
