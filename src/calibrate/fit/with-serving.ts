import type { ModelProfile } from '../../profile/profile.js';
import type { Serving } from '../../profile/serving.js';

/** The profile on a server some of whose figures are others; of a profile that holds how its server behaves. */
export function withServing(profile: ModelProfile, figures: Partial<Serving>): ModelProfile {
  return { ...profile, serving: { ...profile.serving!, ...figures } };
}
