import type { ModelProfile } from '../profile/profile.js';
import type { Server } from './scenario.js';
import type { ServedModel } from './served-model.js';

/** The profiles of a server's instances, each once. */
export function profilesIn({ models }: Pick<Server, 'models'>): ReadonlySet<ModelProfile> {
  return new Set(models.flatMap(({ instances }) => instances.map(({ profile }) => profile)));
}

/** A server whose models have other profiles. */
export function withProfiles(server: Server, change: (profile: ModelProfile) => ModelProfile): Server {
  return { ...server, models: modelsWithProfiles(server.models, change) };
}

/** Models with other profiles. Instances that share a profile share the changed one, too. */
export function modelsWithProfiles(
  models: readonly ServedModel[],
  change: (profile: ModelProfile) => ModelProfile,
): ServedModel[] {
  const changed = new Map([...profilesIn({ models })].map((profile) => [profile, change(profile)]));
  return models.map((model) => ({
    ...model,
    instances: model.instances.map((instance) => ({ ...instance, profile: changed.get(instance.profile)! })),
  }));
}
