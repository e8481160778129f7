import { canonicalJson } from '../base/canonical-json.js';
import { type AnyEffect, EFFECTS } from '../effects/registry.js';
import { changeEffects, fieldsIn } from '../profile/change-effects.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Scenario, Server } from './scenario.js';
import type { WhatIf } from './what-if.js';

/** An effect switched off everywhere; undefined where the scenario does not have it. */
export function withoutEffect(effect: AnyEffect): WhatIf {
  const without = (profile: ModelProfile) =>
    changeEffects(profile, (each, fields) => (isSame(each, effect) ? each.none(fields) : fields));
  const isThere = (profile: ModelProfile) =>
    canonicalJson(fieldsIn(profile, effect) ?? {}) !==
    canonicalJson(fieldsIn(without(profile), effect) ?? {});
  return (scenario: Scenario) => {
    const profiles = new Set(scenario.servers.flatMap(profilesOf));
    if (![...profiles].some(isThere)) return undefined;
    const servers = scenario.servers.map((server) => {
      const changed = withProfiles(server, without);
      return effect.resolved?.none(changed) ?? changed;
    });
    return { ...scenario, servers };
  };
}

/** The server where each effect costs the least that it does under any load. */
export function withLeastEffects(server: Server): Server {
  const least = withProfiles(server, (profile) =>
    changeEffects(profile, (effect, fields) => effect.least(fields)),
  );
  return EFFECTS.reduce((changed, effect: AnyEffect) => effect.resolved?.least(changed) ?? changed, least);
}

function isSame(each: object, effect: object): boolean {
  return each === effect;
}

function profilesOf({ models }: Server): ModelProfile[] {
  return models.flatMap(({ instances }) => instances.map(({ profile }) => profile));
}

/** Instances that share a profile share the changed one, too. */
function withProfiles(server: Server, change: (profile: ModelProfile) => ModelProfile): Server {
  const changed = new Map([...new Set(profilesOf(server))].map((profile) => [profile, change(profile)]));
  const models = server.models.map((model) => ({
    ...model,
    instances: model.instances.map(({ device, profile }) => ({ device, profile: changed.get(profile)! })),
  }));
  return { ...server, models };
}
