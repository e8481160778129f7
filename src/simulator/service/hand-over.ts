import { isSince } from '../../scenario/release.js';
import type { ServedModel, Server } from '../../scenario/scenario.js';

// What a server does with responses: their order, and requests of ensembles that are handed on to their steps.

/** From this release on callbacks of steps run on threads of their own (core, pull request 438). */
const CALLBACK_POOL_SINCE = '25.06';

export function hasCallbackPool({ options }: Server): boolean {
  return isSince(options.tritonVersion, CALLBACK_POOL_SINCE);
}

/** From the first of these releases to before the second, responses leave as they are made (core, pull requests 449, 520 and 523). */
const ORDER_LOST_SINCE = '25.09';
const ORDER_KEPT_SINCE = '26.08';

/** Whether responses of a model leave in the order in which the batcher took their requests (`preserve_ordering`). */
export function keepsOrder({ config }: Pick<ServedModel, 'config'>, { options }: Server): boolean {
  const { tritonVersion } = options;
  if (config.dynamicBatching?.preserveOrdering !== true) return false;
  return !isSince(tritonVersion, ORDER_LOST_SINCE) || isSince(tritonVersion, ORDER_KEPT_SINCE);
}

/** What handing a request on to a step takes of the thread that does, nanoseconds. */
export function handOverNs({ options }: Server): number {
  return Math.round((options.ensembleStepUs ?? 0) * 1000);
}

/** Whether a model has a batch dimension: else it takes the tensors of all inferences as one. */
export function isBatched({ config }: Pick<ServedModel, 'config'>): boolean {
  return config.maxBatchSize > 0;
}
