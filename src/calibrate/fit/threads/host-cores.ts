import type { ModelConfig } from '../../../scenario/model-config.js';
import { isOnHost } from '../../experiment.js';
import { countedOf, type Observation, observationsOf } from '../../observation.js';
import { PHASES, timeUs } from '../phases.js';
import { serverWork } from './other-work.js';

/** Cores below which an execution counts as only waiting: the server itself takes that much for it. */
const LEAST_CORES = 0.5;
/** Cores of the largest host that a profile may name. */
const MOST_CORES = 1024;

/**
 * Host cores that an inference of a model keeps busy, a whole number: what the server took for each second in which an instance
 * that is never without work executed. Of several points the least, because it holds least of the server's own work; 0 where
 * nothing was counted. No more than the host has, which executions of microseconds would seem to keep busy.
 */
export function fitHostCores(
  observations: readonly Observation[],
  model: string,
  cpuCores = MOST_CORES,
): number {
  const takenS = serverWork(observations);
  const saturated = observationsOf(observations, 'saturated', model);
  const perExecutionS = saturated.flatMap((point) => {
    const serverS = takenS(point);
    const executedS = timeUs(countedOf(point.statistics, model), PHASES) / 1e6;
    return serverS === undefined || executedS === 0 ? [] : [serverS / executedS];
  });
  const cores = Math.min(...perExecutionS);
  if (perExecutionS.length === 0 || cores < LEAST_CORES) return 0;
  return Math.max(1, Math.round(Math.min(cores, cpuCores)));
}

/** Names of the models whose executions keep host cores busy. */
export function computingModels(
  observations: readonly Observation[],
  configs: readonly Pick<ModelConfig, 'name'>[],
): ReadonlySet<string> {
  const computing = configs.filter(({ name }) => fitHostCores(observations, name) > 0);
  return new Set(computing.map(({ name }) => name));
}

/** Names of the models on the host whose executions were counted and keep no core busy. */
export function waitingModels(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
): ReadonlySet<string> {
  const wasCounted = (model: string) =>
    observationsOf(observations, 'saturated', model).some(({ cpu }) => cpu !== undefined);
  const waiting = configs.filter(
    (config) => isOnHost(config) && wasCounted(config.name) && fitHostCores(observations, config.name) === 0,
  );
  return new Set(waiting.map(({ name }) => name));
}
