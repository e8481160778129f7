import type { ModelProfile } from '../../profile/profile.js';
import { observationsOf } from '../observation.js';
import type { FitFacts, ModelFit } from './facts.js';
import { profileOf } from './profile-of.js';
import { isCompared, soloReplays, togetherReplays } from './replay/replay-fits.js';
import { summaryOf } from './summary.js';

type Drafted = Pick<FitFacts, 'drafts' | 'found' | 'speedDrift'>;

/** What was fitted of each model beside what was measured. */
export function modelFits({
  observations,
  wakeUpOrder,
  delays,
  ...drafted
}: Drafted & Pick<FitFacts, 'observations' | 'wakeUpOrder' | 'delays'>): ModelFit[] {
  const served = drafted.drafts.map(({ config }, i) => ({ config, profile: withDrift(drafted, i) }));
  const fittedOn = new Set(wakeUpOrder.points.map(({ observation }) => observation.experiment.id));
  const beside = togetherReplays(observations, served);
  return drafted.drafts.map(({ config: { name }, residuals }, i): ModelFit => {
    const [saturated] = observationsOf(observations, 'saturated', name);
    const replays = [...soloReplays(observations, served[i]!, fittedOn), ...beside.get(name)!];
    return {
      model: name,
      networkDelay: delays.networkDelays.get(name)!,
      residuals,
      replays: replays.filter(isCompared),
      ...(saturated?.gpus !== undefined && { gpus: saturated.gpus }),
    };
  });
}

/** The profiles, which say how well they gave back what was measured. */
export function finalProfiles({ models, ...drafted }: Drafted & Pick<FitFacts, 'models'>): ModelProfile[] {
  return models.map((model, i) => withDrift(drafted, i, summaryOf(drafted.drafts[i]!.profile, model)));
}

function withDrift(
  { drafts, found, speedDrift }: Drafted,
  i: number,
  fit?: ModelProfile['fit'],
): ModelProfile {
  const draft = drafts[i]!;
  return profileOf(draft, {
    ...found[i]!,
    speedDrift: speedDrift.get(draft.config.name),
    ...(fit && { fit }),
  });
}
