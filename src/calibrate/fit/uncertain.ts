import type { ModelProfile } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { instancesSideBySide, isOpen, modelsOf } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import type { FitFacts } from './facts.js';
import { otherWork } from './threads/other-work.js';
import { TYPICAL_SHARE, type WakeUpOrderFit } from './threads/wake-up-order.js';

type UncertainFacts = Pick<
  FitFacts,
  'configs' | 'missing' | 'observations' | 'profiles' | 'delays' | 'wakeUpOrder'
>;

/** What was assumed instead of measured, one sentence each. */
export function uncertainties(facts: UncertainFacts): string[] {
  const { configs, missing, observations, profiles, delays, wakeUpOrder } = facts;
  return [
    ...missing.map(({ name }) => `${name} has no sequential point and no profile`),
    ...assumed(configs, delays.measuredModels, profiles),
    ...unloaded(configs, observations),
    ...disturbed(observations),
    ...assumedSelves(configs, observations),
    ...assumedShares(wakeUpOrder),
    ...assumedMemory(observations),
  ];
}

function assumedMemory(observations: readonly Observation[]): string[] {
  const names = observationsOf(observations, 'load')
    .filter(({ load }) => load?.memoryMb !== undefined)
    .map(({ experiment }) => experiment.model);
  if (names.length === 0) return [];
  return [
    `GPU memory of ${names.join(', ')}: as if instances shared nothing; those of some backends share their weights on a GPU`,
  ];
}

function assumed(
  configs: readonly ModelConfig[],
  measured: readonly string[],
  profiles: readonly ModelProfile[],
): string[] {
  const cycles = configs.map(({ name }) => name).filter((name) => !measured.includes(name));
  const unmet = profiles.filter(({ interference }) => interference.pairs.length < configs.length - 1);
  return [
    ...(cycles.length > 0
      ? [
          `time after an execution of ${cycles.join(', ')}: not measured, the median of the other models is taken`,
        ]
      : []),
    ...(unmet.length > 0
      ? [
          `${unmet.map(({ model }) => model).join(', ')} did not meet every other model; sensitivity and pressure stand in`,
        ]
      : []),
  ];
}

function disturbed(observations: readonly Observation[]): string[] {
  const cores = observations.map(otherWork(observations));
  const most = Math.max(...cores);
  if (!(most > 0)) return [];
  const points = cores.filter((each) => each > 0).length;
  const times = points === cores.length ? 'all the while' : `during ${points} of the ${cores.length} points`;
  return [
    `something else kept up to ${most.toFixed(1)} of the machine's cores busy ${times}: executions and threads took longer for it, and will not without it; calibrate again when it is over`,
  ];
}

function unloaded(configs: readonly ModelConfig[], observations: readonly Observation[]): string[] {
  const names = configs
    .map(({ name }) => name)
    .filter(
      (name) =>
        !observations.some(({ experiment }) => isOpen(experiment) && modelsOf(experiment).includes(name)),
    );
  if (names.length === 0) return [];
  return [
    `${names.join(', ')}: no load was measured, so nothing says how well predictions hold; allow a larger --budget`,
  ];
}

function assumedSelves(configs: readonly ModelConfig[], observations: readonly Observation[]): string[] {
  const unmeasured = configs
    .filter((config) => instancesSideBySide(config) === 1)
    .map(({ name }) => name)
    .filter((name) => observationsOf(observations, 'self', name).length === 0);
  if (unmeasured.length === 0) return [];
  return [
    `${unmeasured.join(', ')} served one instance: what a second one would cost it is guessed from how it met others (without others: nothing on host cores, fair halves on a GPU); --allow-load measures it, if the budget lasts`,
  ];
}

function assumedShares({ points }: WakeUpOrderFit): string[] {
  if (points.length > 0) return [];
  return [
    `which thread wins at the end of an execution shows only with a queue delay or a queue policy; a share of ${TYPICAL_SHARE.share} is taken from other servers`,
  ];
}
