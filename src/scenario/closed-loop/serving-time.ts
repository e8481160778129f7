import { serviceTime, totalMs } from '../../profile/service-time.js';
import type { ServedModel } from '../scenario.js';

/**
 * The least that a request for a model of a server takes in its front end and executions, microseconds, where it waits for
 * nobody: of an ensemble that of its longest step.
 */
export function shortestServingUs(models: readonly ServedModel[], index: number, batchSize: number): number {
  const { ensemble, instances, calls = [] } = models[index]!;
  if (ensemble !== undefined)
    return Math.max(...ensemble.steps.map(({ model }) => shortestServingUs(models, model, batchSize)));
  const ownUs = instances.map(
    ({ profile: { frontEnd, response, ...profile } }) =>
      frontEnd.perRequestUs + 1000 * totalMs(serviceTime(profile, batchSize)) + response.fixedUs,
  );
  const calledUs = calls.map((step) => {
    if ('ownUs' in step) return step.ownUs;
    const sure = step.calls.filter(({ probability }) => probability === 1);
    const each = sure.map(({ model, inferences = batchSize }) =>
      shortestServingUs(models, model, inferences),
    );
    return Math.max(0, ...each);
  });
  return Math.min(...ownUs) + calledUs.reduce((sum, us) => sum + us, 0);
}
