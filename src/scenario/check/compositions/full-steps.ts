import { type Ensemble, type EnsembleStep, stepsInOrder } from '../../composition.js';
import { type ModelConfig, queuePoliciesOf } from '../../model-config.js';
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
      `where the queue of its step "${models[limited.model]!.config.name}" is full while another runs, Triton before ` +
        `${OUTLIVED_SINCE} never answers, or dies; here it is an error`,
    );
  }
}

function isLimited(config: ModelConfig): boolean {
  return queuePoliciesOf(config).some(({ maxQueueSize }) => maxQueueSize > 0);
}

/** Steps that may be under way together with another: neither needs the other, nor what comes of it. */
function stepsBesideOthers(ensemble: Ensemble): EnsembleStep[] {
  const { steps } = ensemble;
  const needed = steps.map(({ needs }) => new Set(needs));
  // Each step needs what the steps before it need.
  for (const place of stepsInOrder(ensemble))
    for (const [source, { gives }] of steps.entries())
      if (gives.some((tensor) => needed[place]!.has(tensor)))
        for (const tensor of needed[source]!) needed[place]!.add(tensor);
  const comesFrom = (a: number, b: number) => steps[b]!.gives.some((tensor) => needed[a]!.has(tensor));
  return steps.filter((_, a) => steps.some((_, b) => a !== b && !comesFrom(a, b) && !comesFrom(b, a)));
}
