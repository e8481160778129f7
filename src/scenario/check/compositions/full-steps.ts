import { type Ensemble, type EnsembleStep, stepsInOrder } from '../../composition.js';
import { queuePoliciesOf } from '../../model-config.js';
import { isSince } from '../../release.js';
import type { ServedModel } from '../../scenario.js';
import type { Findings } from '../findings.js';

/**
 * From this release on an ensemble outlives a step that does not get into its queue while others of the request are under way
 * (core, pull requests 466 and 483). Seen on a real 24.10: where it is the last of those that begin together, the request is never
 * answered, and where others follow, the server dies.
 */
const OUTLIVED_SINCE = '26.04';

/** Names steps beside others whose queue may be full; the simulation answers such requests with an error, and goes on. */
export function warnOfFullSteps(
  server: string,
  models: readonly ServedModel[],
  release: string,
  findings: Findings,
): void {
  if (isSince(release, OUTLIVED_SINCE)) return;
  for (const { ensemble, config } of models) {
    const called = ensemble && stepsBesideOthers(ensemble).map(({ model }) => models[model]!.config);
    const limited = called?.find((each) =>
      queuePoliciesOf(each).some(({ maxQueueSize }) => maxQueueSize > 0),
    );
    if (limited === undefined) continue;
    findings.warn(
      'assumed-parameter',
      `${server}/${config.name}`,
      `while the queue of its step "${limited.name}" is full, Triton before ${OUTLIVED_SINCE} may hang or die`,
    );
  }
}

/** Steps that may be under way together with another: each of the two begins without the other. */
function stepsBesideOthers({ steps, inputs }: Ensemble): EnsembleStep[] {
  const begunWithout = steps.map((missing) => {
    const left = steps.filter((step) => step !== missing);
    return stepsInOrder({ steps: left, inputs }).map((place) => left[place]);
  });
  return steps.filter((a, i) =>
    steps.some((b, j) => begunWithout[i]!.includes(b) && begunWithout[j]!.includes(a)),
  );
}
