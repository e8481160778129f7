import { type Ensemble, stepsInOrder } from '../../composition.js';
import type { ModelConfig } from '../../model-config.js';
import { isSince } from '../../release.js';
import type { ServedModel } from '../../scenario.js';
import type { Findings } from '../findings.js';

/**
 * From this release on an ensemble outlives a step that does not get into its queue while others of the request are under way
 * (core, pull requests 466 and 483). Seen on a real 24.10: where it is the last of those that begin together, the request is never
 * answered, and where others follow, the server dies.
 */
const OUTLIVED_SINCE = '26.04';

/** Names steps beside others whose queue may be full; the simulation answers such requests with an error. */
export function warnOfFullSteps(
  server: string,
  models: readonly ServedModel[],
  release: string,
  findings: Findings,
): void {
  if (isSince(release, OUTLIVED_SINCE)) return;
  for (const { ensemble, config } of models) {
    const limited =
      ensemble && stepsBesideOthers(ensemble).find(({ model }) => isLimited(models[model]!.config));
    if (limited === undefined) continue;
    findings.warn(
      'assumed-parameter',
      `${server}/${config.name}`,
      `where the queue of its step "${models[limited.model]!.config.name}" is full while another step runs, Triton before ` +
        `${OUTLIVED_SINCE} never answers, or dies; here the client gets an error`,
    );
  }
}

function isLimited({ dynamicBatching: batching }: ModelConfig): boolean {
  if (batching === undefined) return false;
  return [batching.defaultQueuePolicy, ...batching.priorityQueuePolicy.values()].some(
    ({ maxQueueSize }) => maxQueueSize > 0,
  );
}

/** Steps that may be under way together with another. */
function stepsBesideOthers(ensemble: Ensemble): Ensemble['steps'][number][] {
  const { steps } = ensemble;
  /** Of each step those that have ended when it begins. */
  const before = steps.map(() => new Set<number>());
  for (const step of stepsInOrder(ensemble))
    for (const [source, { gives }] of steps.entries())
      if (gives.some((tensor) => steps[step]!.needs.includes(tensor)))
        for (const earlier of [source, ...before[source]!]) before[step]!.add(earlier);
  return steps.filter((_, a) => steps.some((_, b) => a !== b && !before[a]!.has(b) && !before[b]!.has(a)));
}
