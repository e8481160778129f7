import type { ModelProfile } from '../profile/profile.js';
import type { Server } from './scenario.js';

/** The profiles of a server's instances, each once. */
export function profilesIn({ models }: Pick<Server, 'models'>): ReadonlySet<ModelProfile> {
  return new Set(models.flatMap(({ instances }) => instances.map(({ profile }) => profile)));
}

/** A server whose models have other profiles. Instances that share a profile share the changed one, too. */
export function withProfiles(server: Server, change: (profile: ModelProfile) => ModelProfile): Server {
  const changed = new Map([...profilesIn(server)].map((profile) => [profile, change(profile)]));
  const models = server.models.map((model) => ({
    ...model,
    instances: model.instances.map((instance) => ({ ...instance, profile: changed.get(instance.profile)! })),
  }));
  return { ...server, models };
}
