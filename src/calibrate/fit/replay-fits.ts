import { type Observation, observationsOf } from '../observation.js';
import { fitAfterExecution, withAfterExecution } from './after-execution.js';
import { type Drift, withDrift } from './drift.js';
import { type LatencyFigures, measuredFigures, replay, replayTogether, type Served } from './replay.js';

/** A point of a calibration: measured beside what the profiles give for the same arrivals. */
export interface ReplayFit {
  /** Without the name of the model: `poisson-60`, `alone`, `beside b`. */
  readonly id: string;
  readonly measured: LatencyFigures;
  readonly predicted: LatencyFigures;
  /** False for points that took part in the fit of the race; the time after an execution is then that of the other points. */
  readonly heldOut: boolean;
}

/** Open loops of a model alone, by a profile of the machine's usual speed. */
export function soloReplays(
  observations: readonly Observation[],
  { config, profile, drift }: Served & { readonly drift: Drift },
  fittedOn: ReadonlySet<string>,
): ReplayFit[] {
  const dense = observationsOf(observations, 'poisson', config.name);
  return [...observationsOf(observations, 'alone', config.name), ...dense].map((observation) => {
    const others = dense.filter((each) => each !== observation);
    const asThen = withAfterExecution(profile, fitAfterExecution(others, config, profile));
    const candidate = withDrift(asThen, drift);
    return {
      id: observation.experiment.id.slice(config.name.length + 1),
      measured: measuredFigures(observation),
      predicted: replay(observation, config, candidate),
      heldOut: !fittedOn.has(observation.experiment.id),
    };
  });
}

/** Pairs of models under open loops, by model: latencies that no fit has seen. */
export function togetherReplays(
  observations: readonly Observation[],
  served: readonly Served[],
): ReadonlyMap<string, readonly ReplayFit[]> {
  const found = new Map<string, ReplayFit[]>(served.map(({ config }) => [config.name, []]));
  for (const observation of observationsOf(observations, 'together')) {
    const { model, other } = observation.experiment;
    const both = [model, other].flatMap((name) => served.find(({ config }) => config.name === name) ?? []);
    const replays = both.length === 2 ? replayTogether(observation, both) : undefined;
    replays?.forEach((each, i) => {
      found
        .get(both[i]!.config.name)!
        .push({ id: `beside ${both[1 - i]!.config.name}`, ...each, heldOut: true });
    });
  }
  return found;
}
