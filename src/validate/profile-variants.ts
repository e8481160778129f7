import { NORMAL_95 } from '../metrics/statistics/normal-interval.js';
import { CPU_KIND } from '../profile/host-cores.js';
import type { ModelProfile } from '../profile/profile.js';
import { slowerService } from '../profile/slower.js';
import type { Scenario } from '../scenario/scenario.js';
import { profilesIn, withProfiles } from '../scenario/with-profiles.js';

/** A scenario with the service times of these models moved up and down by one standard error. */
export interface ProfileVariant {
  readonly models: readonly string[];
  readonly up: Scenario;
  readonly down: Scenario;
}

/**
 * A pair of scenarios for each independent source of error among the profiles: a profile is measured, not known, and
 * what it is off by moves a prediction without showing in the spread of replications.
 *
 * A profile's points are moved together, by the root mean square of their standard errors: as if all were
 * off in the same direction, which is what a server that has become slower since then looks like. A host that has become
 * slower is so for all models that it executes: they move together.
 */
export function profileVariants(scenario: Scenario): readonly ProfileVariant[] {
  const inUse = new Set(scenario.servers.flatMap((server) => [...profilesIn(server)]));
  const known = [...inUse].filter((profile) => standardError(profile) > 0);
  const onHosts = known.filter(({ device }) => device === CPU_KIND);
  const others = known.filter(({ device }) => device !== CPU_KIND);
  return [...(onHosts.length > 0 ? [onHosts] : []), ...others.map((profile) => [profile])].map((profiles) => {
    const moved = (sign: 1 | -1) => {
      const stretched = (profile: ModelProfile): ModelProfile => ({
        ...profile,
        service: slowerService(profile.service, 1 + sign * standardError(profile)),
      });
      const servers = scenario.servers.map((server) =>
        withProfiles(server, (profile) => (profiles.includes(profile) ? stretched(profile) : profile)),
      );
      return { ...scenario, servers };
    };
    return { models: profiles.map(({ model }) => model), up: moved(1), down: moved(-1) };
  });
}

/** Larger errors count as this one: no service time may become nothing. */
const LARGEST_ERROR = 0.5;

/** Of the service times, as a fraction of them; 0 where the profile does not say. */
function standardError({ service }: ModelProfile): number {
  const squares = service.map(({ relativeError }) => (relativeError / NORMAL_95) ** 2);
  const known = squares.filter((square) => square > 0);
  if (known.length === 0) return 0;
  return Math.min(LARGEST_ERROR, Math.sqrt(known.reduce((sum, square) => sum + square, 0) / known.length));
}
