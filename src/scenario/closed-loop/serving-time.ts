import { given } from '../../base/given.js';
import type { ModelProfile } from '../../profile/profile.js';
import { serviceTime, totalMs } from '../../profile/service-time.js';
import { stepsFor } from '../composition.js';
import type { ServedModel, Tenant } from '../scenario.js';

/**
 * The least that a request for a model of a server takes in its front end and executions, microseconds, where it waits for
 * nobody: of an ensemble that of its longest step.
 */
export function shortestServingUs(
  models: readonly ServedModel[],
  index: number,
  { batchSize, tokens, outputs: asked }: Pick<Tenant, 'batchSize' | 'tokens' | 'outputs'>,
): number {
  const { ensemble, instances, calls = [], engine } = models[index]!;
  const said = tokens && { tokens };
  if (ensemble !== undefined)
    return Math.max(
      ...stepsFor(ensemble, asked).map(({ model, outputs }) =>
        shortestServingUs(models, model, { batchSize, ...said, ...given({ outputs }) }),
      ),
    );
  const ownUs = instances.map(
    ({ profile }) =>
      profile.frontEnd.perRequestUs +
      1000 * (engine === undefined ? totalMs(serviceTime(profile, batchSize)) : tokensMs(profile, tokens)) +
      profile.response.fixedUs,
  );
  const calledUs = calls.map((step) => {
    if ('ownUs' in step) return step.ownUs;
    const sure = step.calls.filter(({ probability }) => probability === 1);
    const each = sure.map(({ model, inferences = batchSize }) =>
      shortestServingUs(models, model, { batchSize: inferences, ...said }),
    );
    return Math.max(0, ...each);
  });
  return Math.min(...ownUs) + calledUs.reduce((sum, us) => sum + us, 0);
}

/** A lone request of an engine: its prompt is read, which gives the first token, and a decode step gives each further one. */
function tokensMs(profile: ModelProfile, { prompt, output }: Tenant['tokens'] & object = ONE_TOKEN): number {
  const { prefillMsPerToken = 0 } = profile.engine ?? {};
  return prompt.mean * prefillMsPerToken + (output.mean - 1) * totalMs(serviceTime(profile, 1));
}

const ONE = { mean: 1, cv: 0 };
const ONE_TOKEN = { prompt: ONE, output: ONE };
