import { isSince } from '../../scenario/release.js';
import type { ServedModel, Server } from '../../scenario/scenario.js';

// How a server hands requests of ensembles on to their steps.

/** From this release on callbacks of steps run on threads of their own (core, pull request 438). */
const CALLBACK_POOL_SINCE = '25.06';

export function hasCallbackPool({ options }: Server): boolean {
  return isSince(options.tritonVersion, CALLBACK_POOL_SINCE);
}

/** What handing a request on to a step takes of the thread that does, nanoseconds. */
export function handOverNs({ options }: Server): number {
  return Math.round((options.ensembleStepUs ?? 0) * 1000);
}

/** Whether a model has a batch dimension: else it takes the tensors of all inferences as one. */
export function isBatched({ config }: Pick<ServedModel, 'config'>): boolean {
  return config.maxBatchSize > 0;
}
