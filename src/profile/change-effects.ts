import type { Effect } from '../effects/effect.js';
import { type AnyEffect, MODEL_EFFECTS, SERVER_EFFECTS } from '../effects/registry.js';
import type { ModelProfile } from './profile.js';

/** What an effect's fields become; see the functions of `Effect`. */
export type ChangeOfEffect = <Fields extends object>(effect: Effect<Fields>, fields: Fields) => Fields;

/** The profile where the fields of each effect are changed, those of its `serving` too. */
export function changeEffects(profile: ModelProfile, change: ChangeOfEffect): ModelProfile {
  const changed = changeFields(profile, MODEL_EFFECTS, change);
  if (profile.serving === undefined) return changed;
  return { ...changed, serving: changeFields(profile.serving, SERVER_EFFECTS, change) };
}

/** The fields of an effect in a profile; undefined where it is one of the server, and the profile says nothing of that. */
export function fieldsIn(profile: ModelProfile, effect: AnyEffect): object | undefined {
  const isOfServer = SERVER_EFFECTS.some((each) => each === effect);
  const holder = isOfServer ? profile.serving : profile;
  return holder === undefined ? undefined : fieldsOf(holder, effect);
}

function changeFields<Holder extends object>(
  holder: Holder,
  effects: readonly AnyEffect[],
  change: ChangeOfEffect,
): Holder {
  const changed: Record<string, unknown> = Object.fromEntries(Object.entries(holder));
  for (const effect of effects) {
    const fields = new Map(
      Object.entries(change(effect as unknown as Effect<object>, fieldsOf(holder, effect))),
    );
    // Fields keep their place, so that a profile reads as before.
    for (const key of Object.keys(effect.schema)) {
      if (fields.has(key)) changed[key] = fields.get(key);
      else delete changed[key];
    }
  }
  return changed as Holder;
}

function fieldsOf(holder: object, { schema }: AnyEffect): object {
  return Object.fromEntries(Object.entries(holder).filter(([key]) => key in schema));
}
