import { NORMAL_95 } from '../metrics/normal-interval.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Scenario } from '../scenario/scenario.js';

/** A scenario with one profile's service times moved up and down by one standard error. */
export interface ProfileVariant {
  readonly model: string;
  readonly up: Scenario;
  readonly down: Scenario;
}

/**
 * A pair of scenarios for each profile whose figures bear an error: a profile is measured, not known, and
 * what it is off by moves a prediction without showing in the spread of replications.
 *
 * A profile's points are moved together, by the root mean square of their standard errors: as if all were
 * off in the same direction, which is what a server that has become slower since then looks like.
 */
export function profileVariants(scenario: Scenario): readonly ProfileVariant[] {
  const instances = scenario.servers.flatMap(({ models }) => models.flatMap((model) => model.instances));
  const profiles = [...new Set(instances.map(({ profile }) => profile))];
  return profiles.flatMap((profile) => {
    const error = standardError(profile);
    if (error === 0) return [];
    const moved = (factor: number) => withProfile(scenario, profile, stretched(profile, factor));
    return [{ model: profile.model, up: moved(1 + error), down: moved(1 - error) }];
  });
}

/** No time may become nothing. */
const MOST = 0.5;

/** Of the service times, as a fraction of them; 0 where the profile does not say. */
function standardError({ service }: ModelProfile): number {
  const squares = service.map(({ relativeError }) => (relativeError / NORMAL_95) ** 2);
  const known = squares.filter((square) => square > 0);
  if (known.length === 0) return 0;
  return Math.min(MOST, Math.sqrt(known.reduce((sum, square) => sum + square, 0) / known.length));
}

function stretched(profile: ModelProfile, factor: number): ModelProfile {
  const service = profile.service.map((point) => ({
    ...point,
    inputMs: point.inputMs * factor,
    inferMs: point.inferMs * factor,
    outputMs: point.outputMs * factor,
  }));
  return { ...profile, service };
}

function withProfile(scenario: Scenario, from: ModelProfile, to: ModelProfile): Scenario {
  const servers = scenario.servers.map((server) => ({
    ...server,
    models: server.models.map((model) => ({
      ...model,
      instances: model.instances.map((instance) =>
        instance.profile === from ? { ...instance, profile: to } : instance,
      ),
    })),
  }));
  return { ...scenario, servers };
}
