import { type Observation, observationsOf } from '../../observation.js';
import { type LatencyFigures, measuredFigures, replay, replayTogether, servedIn } from './replay.js';
import type { ReplayedModel } from './replay-scenario.js';

/** A point of a calibration: measured beside what the profiles give for the same arrivals. */
export interface ReplayFit {
  /** Without the name of the model: `poisson-60`, `alone`, `beside b`. */
  readonly id: string;
  readonly measured: LatencyFigures;
  readonly predicted: LatencyFigures;
  /** False for points that took part in the fit of the wake-up order. */
  readonly heldOut: boolean;
}

/** Whether both sides answered anything: a short point of a slow model may have no request in the turns that are compared. */
export function isCompared({ measured, predicted }: ReplayFit): boolean {
  return Number.isFinite(measured.meanUs) && Number.isFinite(predicted.meanUs);
}

/** Open loops of a model alone, by its profile. */
export function soloReplays(
  observations: readonly Observation[],
  { config, profile }: ReplayedModel,
  fittedOn: ReadonlySet<string>,
): ReplayFit[] {
  const points = (['alone', 'poisson'] as const).flatMap((kind) =>
    observationsOf(observations, kind, config.name),
  );
  return points.map((observation) => ({
    id: observation.experiment.id.slice(config.name.length + 1),
    measured: measuredFigures(observation),
    predicted: replay(observation, config, profile),
    heldOut: !fittedOn.has(observation.experiment.id),
  }));
}

/** Pairs of models under open loops, by model: latencies that no fit has seen. */
export function togetherReplays(
  observations: readonly Observation[],
  served: readonly ReplayedModel[],
): ReadonlyMap<string, readonly ReplayFit[]> {
  const found = new Map<string, ReplayFit[]>(served.map(({ config }) => [config.name, []]));
  for (const observation of observationsOf(observations, 'together')) {
    const both = servedIn(observation, served);
    if (both === undefined) continue;
    replayTogether(observation, both)?.forEach((each, i) => {
      found
        .get(both[i]!.config.name)!
        .push({ id: `beside ${both[1 - i]!.config.name}`, ...each, heldOut: true });
    });
  }
  return found;
}
