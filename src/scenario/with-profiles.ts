import type { ModelProfile } from '../profile/profile.js';
import type { Server } from './scenario.js';

/** A server whose models have other profiles. Instances that share a profile share the changed one, too. */
export function withProfiles(server: Server, change: (profile: ModelProfile) => ModelProfile): Server {
  const profiles = new Set(server.models.flatMap(({ instances }) => instances.map(({ profile }) => profile)));
  const changed = new Map([...profiles].map((profile) => [profile, change(profile)]));
  const models = server.models.map((model) => ({
    ...model,
    instances: model.instances.map(({ device, profile }) => ({ device, profile: changed.get(profile)! })),
  }));
  return { ...server, models };
}
