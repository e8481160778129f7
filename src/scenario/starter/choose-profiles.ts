import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { ModelConfig } from '../model-config.js';
import type { SurveyedEngine } from '../repository/engine.js';
import { placeholderProfile } from './placeholder-profile.js';
import { type ShippedProfile, type StandIn, standInFor } from './stand-in.js';

/** Where a model gets its service times from. */
export interface ProfileChoice {
  /** Profiles that stand in for its own; all have one name. */
  readonly standIns: readonly StandIn[];
  /** Profiles to fill in: those that must be written, and those beside the scenario that nobody filled in yet. */
  readonly placeholders: readonly ModelProfile[];
}

export interface KnownProfiles {
  /** Those beside the scenario. */
  readonly own: readonly ModelProfile[];
  readonly shipped: readonly ShippedProfile[];
}

/** Its own profiles where they are there, else shipped ones of such a network, else ones to fill in. */
export function chooseProfiles(
  config: ModelConfig,
  gpu: string,
  { own, shipped }: KnownProfiles,
  engine?: SurveyedEngine,
): ProfileChoice {
  const kinds = kindsOf(config, gpu);
  const missing = kinds.filter(
    (kind) => !own.some(({ model, device }) => model === config.name && device === kind),
  );
  const unfilled = own.filter(
    ({ model, device, placeholder }) =>
      placeholder === true && model === config.name && kinds.includes(device),
  );
  if (missing.length === 0) return { standIns: [], placeholders: unfilled };
  // No shipped profile is one of a language model.
  const standIns =
    engine === undefined ? missing.flatMap((kind) => standInFor(config, kind, shipped) ?? []) : [];
  const names = new Set(standIns.map(({ profile }) => profile.model));
  // A scenario names one profile for all devices of a model.
  const isEnough = standIns.length === kinds.length && names.size === 1;
  if (isEnough && isUnambiguous(standIns, own)) return { standIns, placeholders: [] };
  const written = missing.map((kind) => placeholderProfile(config, kind, engine));
  return { standIns: [], placeholders: [...unfilled, ...written] };
}

/** Two profiles of one name for one device cannot be told apart. */
function isUnambiguous(standIns: readonly StandIn[], own: readonly ModelProfile[]): boolean {
  return !standIns.some(({ profile }) =>
    own.some(({ model, device }) => model === profile.model && device === profile.device),
  );
}

/** Kinds of devices on which its instances run. */
function kindsOf({ instanceGroups }: ModelConfig, gpu: string): readonly string[] {
  const serving = instanceGroups.filter(({ passive }) => !passive);
  return [...new Set(serving.map(({ kind }) => (kind === 'KIND_CPU' ? CPU_KIND : gpu)))];
}
