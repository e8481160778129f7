import { sum } from 'simple-statistics';
import { NORMAL_95 } from '../../metrics/statistics/normal-interval.js';
import type { ModelProfile } from '../../profile/profile.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { activeInstances, instancesSideBySide } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import type { FitFacts } from './facts.js';
import { executionUs, meanPhases } from './phases.js';
import { coefficientOfVariation, sequentialPhases } from './service/service.js';

/** A parameter that the points of a calibration do not tell well enough; the profile holds what is usual, or the best guess. */
export interface Unidentified {
  /** Absent: of the whole server. */
  readonly model?: string;
  readonly parameter: string;
  readonly why: string;
}

/** A parameter counts as known when its 95 % interval reaches no further than this part of it. */
const KNOWN_WITHIN = 0.05;

type IdentifyFacts = Pick<
  FitFacts,
  'configs' | 'profiles' | 'observations' | 'waiting' | 'wakeUpOrder' | 'frontEnds' | 'responses'
>;

/** What of the models' threads, executions and kilobytes is not known well enough. */
export function unidentifiedOf(facts: IdentifyFacts): Unidentified[] {
  const { configs, profiles, observations, waiting, wakeUpOrder } = facts;
  return [
    ...[...facts.frontEnds].flatMap(([model, { isKilobyteKnown, isRequestKnown }]) =>
      reasonsOf(model, {
        'front end of a kilobyte (us)':
          !isKilobyteKnown &&
          'requests of several sizes were not measured, or their network delay is too uneven; it is part of the network delay',
        'front end of a request (us)':
          !isRequestKnown &&
          'the front end was never what the load waited for; it is part of the network delay',
      }),
    ),
    ...[...facts.responses].flatMap(([model, { isKnown }]) =>
      reasonsOf(model, {
        'response of a kilobyte (us)':
          !isKnown &&
          'responses of several sizes were not measured, or what they take is too uneven; it is part of what a request takes',
      }),
    ),
    ...configs.flatMap((config, i) => {
      const profile = profiles[i]!;
      const share = profile.serving?.batcherWinsShare ?? 0;
      return reasonsOf(config.name, {
        'after an execution of one (us)': whyGapIsUnknown(config, profile, observations),
        'coefficient of variation': whySpreadIsUnknown(profile, observations, waiting),
        'wake-up order':
          NORMAL_95 * wakeUpOrder.deviation > KNOWN_WITHIN * share &&
          'replays of dense loads change little with it, or no configuration shows it',
      });
    }),
  ];
}

function reasonsOf(
  model: string,
  reasons: Readonly<Record<string, string | false | undefined>>,
): Unidentified[] {
  return Object.entries(reasons).flatMap(([parameter, why]) => (why ? [{ model, parameter, why }] : []));
}

/** Saturated points are measured in parts of so many seconds, each of which begins and ends with fewer executions at once. */
const PART_S = 2;

/** What follows an execution is a cycle less its phases: how well these are known limits how well that is. */
function whyGapIsUnknown(
  config: ModelConfig,
  { response, interference }: ModelProfile,
  observations: readonly Observation[],
): string | undefined {
  if (!isPrefetching(config)) return 'a turn of the batcher, whose length is not measured, is in each cycle';
  const points = observationsOf(observations, 'saturated', config.name);
  if (points.length === 0) return 'no saturated point was measured';
  const gapUs = response.fixedUs + response.perRequestUs;
  const others = instancesSideBySide(config) - 1;
  const stretch = 1 + Math.max(0, (interference.self ?? 1) - 1) * others;
  const scatter = coefficientOfVariation(sequentialPhases(observations, config.name));
  const errors = points.map(({ experiment, statistics, durationS }) => {
    const means = meanPhases(statistics[0]!);
    const parts = Math.ceil(durationS / PART_S);
    // Those under way at the end of a part are in its statistics and not in its cycles.
    const apart = parts * (2 * activeInstances(config) + experiment.concurrency);
    const byScatter = (NORMAL_95 * scatter * Math.sqrt(apart)) / means.executions;
    const atEdges = ((parts * experiment.concurrency) / means.executions) * (1 - 1 / stretch);
    return executionUs(means) * (byScatter + atEdges);
  });
  return sum(errors) > KNOWN_WITHIN * gapUs
    ? 'executions are so long beside it that their scatter, or the first and last of a point, hide it'
    : undefined;
}

function whySpreadIsUnknown(
  { model, warmUpState }: ModelProfile,
  observations: readonly Observation[],
  waiting: ReadonlySet<string>,
): string | undefined {
  if (waiting.has(model)) return 'it is told by latencies, of which the longest are left out';
  if (warmUpState !== undefined) return 'executions also differ by how cold their instance is';
  const counts = observationsOf(observations, 'sequential', model).map(
    ({ executionsUs = [] }) => executionsUs.length,
  );
  const half = NORMAL_95 / Math.sqrt(2 * Math.max(1, sum(counts)));
  return half > KNOWN_WITHIN ? `${sum(counts)} executions are too few` : undefined;
}
