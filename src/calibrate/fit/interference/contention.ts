import { median } from 'simple-statistics';
import type { ModelProfile } from '../../../profile/profile.js';
import { isOnHost } from '../../experiment.js';
import { type Observation, observationsOf } from '../../observation.js';
import { replayedSingleMs } from '../replay/replay.js';
import type { ReplayedModel } from '../replay/replay-scenario.js';
import { millionths } from '../rounding.js';

/**
 * How much longer single inferences of a model took under its loads because front end and client needed its cores as well:
 * the replay of a load over that of the same load beside which no inference needs a core. What was measured under a load holds
 * it; a simulation adds it anew by what the load is.
 */
export interface Contention {
  /** Under dense loads, a factor. */
  readonly dense: number;
  /** Under sparse loads, a fraction for each request in a second. */
  readonly perRequestPerS: number;
}

const NO_CONTENTION: Contention = { dense: 1, perRequestPerS: 0 };

/**
 * The {@link Contention} of a model, from replays of its points with and without the need for cores; none where it computes on
 * a device.
 */
export function contentionOf(observations: readonly Observation[], served: ReplayedModel): Contention {
  const { config, profile } = served;
  if (profile.hostCores.infer === 0 || !isOnHost(config)) return NO_CONTENTION;
  const withoutCores = { ...profile, hostCores: { ...profile.hostCores, infer: 0 } };
  const factorOf = (point: Observation) =>
    replayedSingleMs(point, served) / replayedSingleMs(point, { config, profile: withoutCores });
  const dense = observationsOf(observations, 'poisson', config.name).map(factorOf).filter(Number.isFinite);
  const sparse = observationsOf(observations, 'alone', config.name).flatMap((point) => {
    const requests = point.clients[0]!.sentUs?.length ?? 0;
    const perRequestPerS = (factorOf(point) - 1) / (requests / point.durationS);
    return Number.isFinite(perRequestPerS) ? [perRequestPerS] : [];
  });
  return {
    dense: dense.length === 0 ? 1 : Math.max(1, median(dense)),
    perRequestPerS: sparse.length === 0 ? 0 : Math.max(0, median(sparse)),
  };
}

/** A profile whose inferences are as long as they would be if nothing else needed their cores. */
export function withoutContention(profile: ModelProfile, { dense }: Contention): ModelProfile {
  const service = profile.service.map((point) => ({ ...point, inferMs: millionths(point.inferMs / dense) }));
  return { ...profile, service };
}
