import { canonicalJson } from '../base/canonical-json.js';
import { type AnyEffect, EFFECTS } from '../effects/registry.js';
import { studyOf } from '../effects/studies.js';
import { changeEffects, fieldsIn } from '../profile/change-effects.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Scenario, Server } from './scenario.js';
import type { WhatIf } from './what-if.js';
import { profilesIn, withProfiles } from './with-profiles.js';

/** An effect switched off everywhere; undefined where the scenario does not have it. */
export function withoutEffect(effect: AnyEffect): WhatIf {
  const without = (profile: ModelProfile) =>
    changeEffects(profile, (study, fields, each) => (each === effect ? study.none(fields) : fields));
  const isThere = (profile: ModelProfile) =>
    canonicalJson(fieldsIn(profile, effect) ?? {}) !==
    canonicalJson(fieldsIn(without(profile), effect) ?? {});
  return (scenario: Scenario) => {
    if (!scenario.servers.some((server) => [...profilesIn(server)].some(isThere))) return undefined;
    const servers = scenario.servers.map((server) => {
      const changed = withProfiles(server, without);
      return studyOf(effect).resolved?.none(changed) ?? changed;
    });
    return { ...scenario, servers };
  };
}

/** The server where each effect costs the least that it does under any load. */
export function withLeastEffects(server: Server): Server {
  const least = withProfiles(server, (profile) =>
    changeEffects(profile, (study, fields) => study.least(fields)),
  );
  return EFFECTS.reduce(
    (changed, effect: AnyEffect) => studyOf(effect).resolved?.least(changed) ?? changed,
    least,
  );
}
